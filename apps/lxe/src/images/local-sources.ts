/** Images that LXD has already and that no server is asked about. */
import type { ImageSource, PullPlan } from "./image-source.ts";
import { fingerprintPrefix, localAliasCandidates, wholeFingerprint } from "./reference.ts";
import { namingOf } from "./remotes.ts";
import type { ImageStore } from "./store.ts";
import type { ImageRecord } from "./types.ts";

/** By a whole fingerprint: content does not change, so there is nothing to ask. */
export function createContentSource(store: ImageStore): ImageSource {
  return {
    plan: (reference) =>
      wholeFingerprint(reference) === undefined ? undefined : present(store.catalog.resolve(reference)),
  };
}

/** By an alias of LXD's own. */
export function createAliasSource(store: ImageStore, defaultRemote: string): ImageSource {
  return {
    plan: (reference) => {
      const { catalog, remotes } = store;
      const candidates = localAliasCandidates(reference, namingOf(remotes, defaultRemote));
      const fingerprint = candidates
        .map((alias) => catalog.fingerprintOfAlias(alias))
        .find((found) => found !== undefined);
      return fingerprint === undefined ? undefined : present(catalog.byFingerprint(fingerprint));
    },
  };
}

/** By a unique prefix of a fingerprint. */
export function createPrefixSource(store: ImageStore): ImageSource {
  return {
    plan: (reference) =>
      fingerprintPrefix(reference) === undefined ? undefined : present(store.catalog.resolve(reference)),
  };
}

function present(record: ImageRecord | undefined): PullPlan | undefined {
  return record === undefined ? undefined : { key: record.id, pull: () => Promise.resolve(record) };
}
