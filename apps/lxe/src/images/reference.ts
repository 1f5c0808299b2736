/**
 * What an image reference means. Pure; owns the spelling of names, not which images exist (`catalog.ts`).
 *
 * The one rule. A reference is, in this order:
 * 1. an image by content: a whole fingerprint, with or without `sha256:`, or `<anything>@sha256:<fingerprint>`;
 *    An OCI image's content is its config, and `<repository>@<digest>` for each name and digest that it was pulled by;
 * 2. a name that was pulled: `<remote>/<alias>`, kept in LXD as the alias `lxe/<remote>/<alias>`;
 * 3. an alias of LXD's own. `local/<alias>` is the same alias;
 * 4. where the first component is no remote: what was pulled under that name from the default remote;
 * 5. what was pulled under that name from Docker Hub (`busybox` is `docker.io/library/busybox:latest`);
 * 6. a unique prefix of an id or a fingerprint, with or without `sha256:`.
 * Steps 2 to 4 are tried for the reference as given, then once more without `:latest` (the kubelet adds it to every name without a
 * tag), or with it where the reference has no tag.
 *
 * What to pull is the same reading: the first component names a server; else it is the host of an OCI registry, because it has a dot
 * or a colon or is `localhost`; else a local alias; else the default remote, where that is a server; else Docker Hub. A server is asked for
 * the name as given, then for the other spelling.
 */

/** How names are read on this node. */
export interface Naming {
  /** `server`: images are downloaded from there; `local`: LXD's own aliases; undefined: no such remote. */
  remoteKind(name: string): "server" | "local" | undefined;
  /** The remote of names without one. */
  readonly defaultRemote: string;
}

export interface RemoteName {
  readonly remote: string;
  /** What the image is called there; may contain `/` and `:`. */
  readonly alias: string;
}

/** Aliases that lxe gives to what it pulled begin so; those of the first LXE did, too. */
export const PULLED_PREFIX = "lxe/";
const LATEST = ":latest";
const DIGEST_PREFIX = "sha256:";

/** The fingerprint in `<hex>`, `sha256:<hex>` or `name@sha256:<hex>` with all 64 digits; undefined for anything else. */
export function wholeFingerprint(reference: string): string | undefined {
  return /^(?:.*@)?(?:sha256:)?([0-9a-f]{64})$/u.exec(reference)?.[1];
}

/** Lower-case hex that a fingerprint may begin with; undefined where the reference is none. */
export function fingerprintPrefix(reference: string): string | undefined {
  return /^(?:sha256:)?([0-9a-f]{1,64})$/u.exec(reference)?.[1];
}

export function imageId(fingerprint: string): string {
  return `${DIGEST_PREFIX}${fingerprint}`;
}

/** The reference without the digest. */
export function withoutDigest(reference: string): string {
  return reference.replace(/@sha256:[0-9a-f]{64}$/u, "");
}

/** The two spellings of one name, the given one first. */
export function spellings(name: string): string[] {
  if (name.endsWith(LATEST) && name.length > LATEST.length) return [name, name.slice(0, -LATEST.length)];
  return hasTag(name) ? [name] : [name, `${name}${LATEST}`];
}

/** The aliases in LXD that the name may stand for, best first. */
export function aliasCandidates(name: string, naming: Naming): string[] {
  return spellings(name).flatMap((spelling) => candidatesOfSpelling(spelling, naming));
}

/** Those of them that no server is asked about: empty where the name spells out a server. */
export function localAliasCandidates(name: string, naming: Naming): string[] {
  if (namedServer(name, naming) !== undefined) return [];
  return spellings(name).flatMap((spelling) => localCandidates(spelling, naming));
}

/** The remote that the name spells out, and the name there; undefined where its first component is no remote. */
export function splitRemote(name: string, naming: Naming): RemoteName | undefined {
  const slash = name.indexOf("/");
  if (slash <= 0 || slash === name.length - 1) return undefined;
  const remote = name.slice(0, slash);
  return naming.remoteKind(remote) === undefined ? undefined : { remote, alias: name.slice(slash + 1) };
}

/** The server to pull the name from because it spells it out, and the name there. */
export function namedServer(name: string, naming: Naming): RemoteName | undefined {
  const split = splitRemote(name, naming);
  return split !== undefined && naming.remoteKind(split.remote) === "server" ? split : undefined;
}

/** The server to pull the name from because it spells out no remote. */
export function defaultServer(name: string, naming: Naming): RemoteName | undefined {
  if (splitRemote(name, naming) !== undefined || naming.remoteKind(naming.defaultRemote) !== "server") return undefined;
  return { remote: naming.defaultRemote, alias: name };
}

/** LXD's alias of what was pulled. */
export function pulledAlias(name: RemoteName): string {
  return `${PULLED_PREFIX}${name.remote}/${name.alias}`;
}

/** An alias of LXD as CRI shows it: with a tag, and without the mark of a pulled one. */
export function tagOfAlias(alias: string): string {
  const name =
    alias.startsWith(PULLED_PREFIX) && alias.length > PULLED_PREFIX.length ? alias.slice(PULLED_PREFIX.length) : alias;
  return hasTag(name) ? name : `${name}${LATEST}`;
}

/** The same without a tag, as it stands before `@sha256:`. */
export function repositoryOfTag(tag: string): string {
  return tag.slice(0, tag.lastIndexOf(":"));
}

function candidatesOfSpelling(name: string, naming: Naming): string[] {
  const fallback = defaultServer(name, naming);
  return [...localCandidates(name, naming), ...(fallback === undefined ? [] : [pulledAlias(fallback)])];
}

function localCandidates(name: string, naming: Naming): string[] {
  const split = splitRemote(name, naming);
  if (split !== undefined && naming.remoteKind(split.remote) === "local") return [split.alias, name];
  return [`${PULLED_PREFIX}${name}`, name];
}

function hasTag(name: string): boolean {
  return name.slice(name.lastIndexOf("/") + 1).includes(":");
}
