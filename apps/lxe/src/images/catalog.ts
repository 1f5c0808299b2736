/** LXD's images at one moment, as CRI sees them: records and what references resolve to. Pure and immutable. */
import type { Image } from "@lxe/lxd-client";
import { PINNED_PROPERTY, runOf, typeOf } from "./properties.ts";
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

export interface Catalog {
  readonly records: readonly ImageRecord[];
  resolve(reference: string): ImageRecord | undefined;
  byFingerprint(fingerprint: string): ImageRecord | undefined;
  /** LXD's own object behind a record of this catalog. */
  image(fingerprint: string): Image | undefined;
  fingerprintOfAlias(alias: string): string | undefined;
}

export function createCatalog(all: readonly Image[], naming: Naming): Catalog {
  const images = new Map(all.filter((image) => image.type === "container").map((image) => [image.fingerprint, image]));
  const aliases = new Map(
    [...images.values()].flatMap((image) => image.aliases.map(({ name }) => [name, image.fingerprint])),
  );

  function fingerprintOfName(name: string): string | undefined {
    const alias = aliasCandidates(name, naming).find((candidate) => aliases.has(candidate));
    return alias === undefined ? undefined : aliases.get(alias);
  }

  function fingerprintByPrefix(prefix: string): string | undefined {
    const [match, ...others] = [...images.keys()].filter((fingerprint) => fingerprint.startsWith(prefix));
    return others.length > 0 ? undefined : match;
  }

  function fingerprintOf(reference: string): string | undefined {
    const whole = wholeFingerprint(reference);
    if (whole !== undefined) return whole;
    const prefix = fingerprintPrefix(reference);
    return fingerprintOfName(reference) ?? (prefix === undefined ? undefined : fingerprintByPrefix(prefix));
  }

  /** A name that another image's alias hides is left out: showing it would lead to the wrong image. */
  function tagsOf(image: Image): string[] {
    const tags = image.aliases.map(({ name }) => tagOfAlias(name));
    return [...new Set(tags)].filter((tag) => fingerprintOf(tag) === image.fingerprint).toSorted();
  }

  const records = new Map([...images].map(([fingerprint, image]) => [fingerprint, recordOf(image, tagsOf(image))]));
  return {
    records: [...records.values()],
    resolve: (reference) => records.get(fingerprintOf(reference) ?? ""),
    byFingerprint: (fingerprint) => records.get(fingerprint),
    image: (fingerprint) => images.get(fingerprint),
    fingerprintOfAlias: (alias) => aliases.get(alias),
  };
}

function recordOf(image: Image, repoTags: readonly string[]): ImageRecord {
  const id = imageId(image.fingerprint);
  const repositories = new Set(repoTags.map((tag) => repositoryOfTag(tag)));
  return {
    id,
    fingerprint: image.fingerprint,
    architecture: image.architecture,
    repoTags,
    repoDigests: [...repositories].map((repository) => `${repository}@${id}`),
    // Zero would make the kubelet take the image for one that it knows nothing of.
    sizeBytes: BigInt(Math.max(1, image.size)),
    pinned: isPinned(image),
    type: typeOf(image.properties),
    run: runOf(image.properties),
  };
}

function isPinned(image: Image): boolean {
  if (image.properties[PINNED_PROPERTY] === "true") return true;
  return image.aliases.some(({ name }) => name.startsWith(PAUSE_ALIAS_PREFIX));
}
