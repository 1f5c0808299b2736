/**
 * References of OCI images by the distribution grammar: `[domain/]path[:tag][@digest]`. Pure. A name without a domain is Docker
 * Hub's, one of a single component there lies below `library/`, and one with neither tag nor digest means `latest`. Where both are
 * given the digest decides.
 */
import { isDigest } from "./digest.ts";
import { InvalidReferenceError } from "./errors.ts";

export interface OciReference {
  /** With its port; as the user wrote it. */
  readonly domain: string;
  readonly path: string;
  /** Undefined where a digest decides. */
  readonly tag: string | undefined;
  /** `algorithm:hex`. */
  readonly digest: string | undefined;
}

const DEFAULT_DOMAIN = "docker.io";
const LEGACY_DEFAULT_DOMAIN = "index.docker.io";
const OFFICIAL_PREFIX = "library/";
const DEFAULT_TAG = "latest";
const PATH_CHARS_MAX = 255;

const DOMAIN_LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = String.raw`(?:${DOMAIN_LABEL}(?:\.${DOMAIN_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?`;
const PATH_COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const PATH = `${PATH_COMPONENT}(?:/${PATH_COMPONENT})*`;
const TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";

const DOMAIN_PATTERN = new RegExp(`^${DOMAIN}$`, "u");
const PATH_PATTERN = new RegExp(`^${PATH}$`, "u");
const TAG_PATTERN = new RegExp(`^${TAG}$`, "u");
const IDENTIFIER_PATTERN = /^[a-f0-9]{64}$/u;

/** @throws InvalidReferenceError which says what is wrong with it. */
export function parseReference(text: string): OciReference {
  const result = readReference(text);
  if (typeof result === "string") {
    throw new InvalidReferenceError(`${JSON.stringify(text)} is no reference of an image: ${result}`);
  }
  return result;
}

/** Undefined for what is no reference. */
export function tryParseReference(text: string): OciReference | undefined {
  const result = readReference(text);
  return typeof result === "string" ? undefined : result;
}

/** Whether the first component names a registry, as opposed to a part of a name at Docker Hub. */
export function namesRegistry(text: string): boolean {
  const slash = text.indexOf("/");
  return slash > 0 && isDomain(text.slice(0, slash));
}

/** The normalised whole: `docker.io/library/busybox:latest`. */
export function formatReference(reference: OciReference): string {
  const { tag, digest } = reference;
  return `${repositoryOf(reference)}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** `docker.io/library/busybox`. */
export function repositoryOf({ domain, path }: Pick<OciReference, "domain" | "path">): string {
  return `${domain}/${path}`;
}

/** The reference, or the reason why it is none. */
function readReference(text: string): OciReference | string {
  if (IDENTIFIER_PATTERN.test(text)) return "64 hexadecimal digits are an id, not a name";
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) return "what follows the @ is no digest";
  const { name, tag } = splitTag(at < 0 ? text : text.slice(0, at));
  if (tag !== undefined && !TAG_PATTERN.test(tag)) return `${JSON.stringify(tag)} is no tag`;
  const { domain, path } = splitDomain(name);
  const problem = problemOf(domain, path);
  if (problem !== undefined) return problem;
  return { domain, path, tag: digest === undefined ? (tag ?? DEFAULT_TAG) : undefined, digest };
}

function problemOf(domain: string, path: string): string | undefined {
  if (!DOMAIN_PATTERN.test(domain)) return `${JSON.stringify(domain)} is no name of a registry`;
  if (path === "") return "the name is empty";
  if (path.length > PATH_CHARS_MAX) return `the name is longer than ${PATH_CHARS_MAX} characters`;
  if (PATH_PATTERN.test(path)) return undefined;
  return path.toLowerCase() === path ? "the name has characters that names cannot have" : "names are lower case";
}

function splitTag(name: string): { name: string; tag: string | undefined } {
  const colon = name.lastIndexOf(":");
  if (colon < 0 || colon < name.lastIndexOf("/")) return { name, tag: undefined };
  return { name: name.slice(0, colon), tag: name.slice(colon + 1) };
}

function splitDomain(name: string): { domain: string; path: string } {
  if (!namesRegistry(name)) return { domain: DEFAULT_DOMAIN, path: officialPath(name) };
  const slash = name.indexOf("/");
  const domain = name.slice(0, slash);
  const path = name.slice(slash + 1);
  if (domain === DEFAULT_DOMAIN || domain === LEGACY_DEFAULT_DOMAIN) {
    return { domain: DEFAULT_DOMAIN, path: officialPath(path) };
  }
  return { domain, path };
}

function officialPath(path: string): string {
  return path === "" || path.includes("/") ? path : `${OFFICIAL_PREFIX}${path}`;
}

/** No component of a path has a dot at one end, a colon or a capital, so these mark a registry. */
function isDomain(component: string): boolean {
  return /[.:]/u.test(component) || component === "localhost" || component.toLowerCase() !== component;
}
