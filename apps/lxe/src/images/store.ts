/**
 * The images of LXD in memory. LXD is the only truth: this is a copy, read anew after each event and each change of our own.
 * A read that fails leaves the last copy in place.
 */
import type { LxdClient } from "@lxe/lxd-client";
import { abortable } from "./abortable.ts";
import { type Catalog, createCatalog } from "./catalog.ts";
import { coalesce } from "./coalesce.ts";
import type { Remotes } from "./remotes.ts";
import { BUILT_IN_REMOTES, namingOf } from "./remotes.ts";

export interface ImageStore {
  /** The last copy. */
  readonly catalog: Catalog;
  readonly remotes: Remotes;
  /** After it resolves, all that LXD had when it was called is in the copy. Aborting ends the wait, not the reading. */
  refresh(signal?: AbortSignal): Promise<void>;
}

interface StoreDeps {
  readonly lxd: Pick<LxdClient, "images">;
  readonly defaultRemote: string;
  /** Must not reject. */
  loadRemotes(): Promise<Remotes>;
}

export function createImageStore(deps: StoreDeps): ImageStore {
  let remotes = BUILT_IN_REMOTES;
  let catalog = createCatalog([], namingOf(remotes, deps.defaultRemote));

  const readAll = coalesce(async () => {
    const [images, current] = await Promise.all([deps.lxd.images.list(), deps.loadRemotes()]);
    remotes = current;
    catalog = createCatalog(images, namingOf(remotes, deps.defaultRemote));
  });

  return {
    get catalog() {
      return catalog;
    },
    get remotes() {
      return remotes;
    },
    refresh: async (signal) => {
      signal?.throwIfAborted();
      await abortable(readAll(), signal);
    },
  };
}
