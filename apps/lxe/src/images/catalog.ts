/** LXD's images at one moment, as CRI sees them: records and what references resolve to. Pure and immutable. */
import type { Image } from "@lxe/lxd-client";
import { ociAlias } from "./oci/oci-alias.ts";
import { formatReference, tryParseReference } from "./oci/reference.ts";
import { labelsOf, ociOf, PINNED_PROPERTY, runOf, typeOf } from "./properties.ts";
import type { Naming } from "./reference.ts";
import {
  aliasCandidates,
  fingerprintPrefix,
  imageId,
  PULLED_PREFIX,
  repositoryOfTag,
  tagOfAlias,
  wholeFingerprint,
} from "./reference.ts";
import type { ImageRecord } from "./types.ts";

/** Aliases of sandbox images; what has one is never removed to save space. */
export const PAUSE_ALIAS_PREFIX = `${PULLED_PREFIX}pause/`;

const ID_PREFIX = "sha256:";
/** Names of which a catalog keeps what they resolve to. */
const RESOLVED_MAX = 1000;

export interface Catalog {
  readonly records: readonly ImageRecord[];
  resolve(reference: string): ImageRecord | undefined;
  byFingerprint(fingerprint: string): ImageRecord | undefined;
  /** By the whole id, with `sha256:`. */
  byId(id: string): ImageRecord | undefined;
  /** LXD's own object behind a record of this catalog. */
  image(fingerprint: string): Image | undefined;
  fingerprintOfAlias(alias: string): string | undefined;
}

export function createCatalog(all: readonly Image[], naming: Naming): Catalog {
  const images = new Map(all.filter((image) => image.type === "container").map((image) => [image.fingerprint, image]));
  const aliases = new Map(
    [...images.values()].flatMap((image) => image.aliases.map(({ name }) => [name, image.fingerprint])),
  );

  /** Fingerprints by the whole id without `sha256:`, and by names with a digest. */
  const ids = new Map([...images.values()].map((image) => [idOf(image).slice(ID_PREFIX.length), image.fingerprint]));
  const digests = new Map(
    [...images.values()].flatMap((image) =>
      (ociOf(image.properties)?.digests ?? []).map((digest) => [digest, image.fingerprint]),
    ),
  );

  function fingerprintOfName(name: string): string | undefined {
    const oci = tryParseReference(name);
    const candidates = [...aliasCandidates(name, naming), ...(oci === undefined ? [] : [ociAlias(oci)])];
    const alias = candidates.find((candidate) => aliases.has(candidate));
    return alias === undefined ? undefined : aliases.get(alias);
  }

  function fingerprintByPrefix(prefix: string): string | undefined {
    const begins = (hex: string): boolean => hex.startsWith(prefix);
    const byId = [...ids].flatMap(([hex, fingerprint]) => (begins(hex) ? [fingerprint] : []));
    const [match, ...others] = new Set([...byId, ...[...images.keys()].filter(begins)]);
    return others.length > 0 ? undefined : match;
  }

  function fingerprintOfDigest(reference: string): string | undefined {
    const oci = reference.includes("@") ? tryParseReference(reference) : undefined;
    return oci === undefined ? undefined : digests.get(formatReference(oci));
  }

  function fingerprintOf(reference: string): string | undefined {
    const byDigest = fingerprintOfDigest(reference);
    if (byDigest !== undefined) return byDigest;
    const whole = wholeFingerprint(reference);
    if (whole !== undefined) return ids.get(whole) ?? whole;
    const prefix = fingerprintPrefix(reference);
    return fingerprintOfName(reference) ?? (prefix === undefined ? undefined : fingerprintByPrefix(prefix));
  }

  /** A name that another image's alias hides is left out: showing it would lead to the wrong image. */
  function tagsOf(image: Image): string[] {
    const tags = image.aliases.map(({ name }) => tagOfAlias(name));
    return [...new Set(tags)].filter((tag) => fingerprintOf(tag) === image.fingerprint).toSorted();
  }

  /** A kubelet asks for the same few names again and again; whoever asks for ever new ones gets no memory for it. */
  const resolved = new Map<string, ImageRecord | undefined>();
  function resolve(reference: string): ImageRecord | undefined {
    if (resolved.has(reference)) return resolved.get(reference);
    if (resolved.size >= RESOLVED_MAX) resolved.clear();
    const record = records.get(fingerprintOf(reference) ?? "");
    resolved.set(reference, record);
    return record;
  }

  const records = new Map([...images].map(([fingerprint, image]) => [fingerprint, recordOf(image, tagsOf(image))]));
  return {
    records: [...records.values()],
    resolve,
    byFingerprint: (fingerprint) => records.get(fingerprint),
    byId: (id) => records.get(ids.get(id.slice(ID_PREFIX.length)) ?? ""),
    image: (fingerprint) => images.get(fingerprint),
    fingerprintOfAlias: (alias) => aliases.get(alias),
  };
}

function recordOf(image: Image, repoTags: readonly string[]): ImageRecord {
  const id = idOf(image);
  const digests = ociOf(image.properties)?.digests;
  const repositories = new Set(repoTags.map((tag) => repositoryOfTag(tag)));
  return {
    id,
    fingerprint: image.fingerprint,
    architecture: image.architecture,
    repoTags,
    repoDigests: digests?.toSorted() ?? [...repositories].map((repository) => `${repository}@${id}`),
    // Zero would make the kubelet take the image for one that it knows nothing of.
    sizeBytes: BigInt(Math.max(1, image.size)),
    pinned: isPinned(image),
    type: typeOf(image.properties),
    run: runOf(image.properties),
    labels: labelsOf(image.properties),
  };
}

/** Of an OCI image the digest of its config, which does not depend on where or how it was converted. */
function idOf(image: Image): string {
  return ociOf(image.properties)?.config ?? imageId(image.fingerprint);
}

function isPinned(image: Image): boolean {
  if (image.properties[PINNED_PROPERTY] === "true") return true;
  return image.aliases.some(({ name }) => name.startsWith(PAUSE_ALIAS_PREFIX));
}
