/** Puts the parts of images together. What the rest of lxe sees is `types.ts`. */
import type { LxdClient } from "@lxe/lxd-client";
import type { Config } from "../config/config.ts";
import type { Platform } from "../context.ts";
import { createFilesystemMeter } from "./filesystem.ts";
import type { ImageSource } from "./image-source.ts";
import { createAliasSource, createContentSource, createPrefixSource } from "./local-sources.ts";
import { createOciSources, type OciDeps, type OciSources } from "./oci/oci-source.ts";
import { isRegistryName, isShortName } from "./oci/registry-names.ts";
import { createPauseImage } from "./pause-image.ts";
import { createProbes } from "./probe.ts";
import { createPuller } from "./pull.ts";
import { defaultServer, namedServer } from "./reference.ts";
import { loadRemotes } from "./remote-config.ts";
import type { Remotes } from "./remotes.ts";
import { BUILT_IN_REMOTES } from "./remotes.ts";
import { removeImage } from "./remove.ts";
import { createServerSource, type ServerSourceDeps } from "./server-source.ts";
import { createImageStore, type ImageStore } from "./store.ts";
import type { Images } from "./types.ts";
import { createUsersLookup } from "./users.ts";

export interface ImagesDeps extends Pick<Platform, "clock" | "files" | "log"> {
  readonly lxd: Pick<LxdClient, "images" | "instances" | "operations" | "storage">;
  readonly config: Pick<Config, "imageSizeMax" | "lxdImageRemote" | "lxdRemoteConfig" | "lxdSocket">;
  /** The pool that root file systems go to; may throw until LXD was reached. */
  readonly storagePool: () => string | Promise<string>;
  /** Where to look for the `lxc` client's config.yml when the config names none (`remoteConfigPlaces`). Default: nowhere. */
  readonly remoteConfigPlaces?: readonly string[];
  /** What pulls from OCI registries need. Default: there are none of those. */
  readonly oci?: Omit<OciDeps, "lxd" | "clock" | "files" | "log" | "store">;
}

const BYTES_PER_GIB = 1024 ** 3;

export function createImages(deps: ImagesDeps): Images {
  const log = deps.log.child({ part: "images" });
  const defaultRemote = deps.config.lxdImageRemote;
  const store = createImageStore({
    lxd: deps.lxd,
    defaultRemote,
    loadRemotes: () => remotesOrBuiltIn({ ...deps, log }),
  });
  const serverDeps = { ...deps, log, store, defaultRemote };
  const oci = deps.oci && createOciSources({ ...deps, ...configured(deps.oci, deps.config), log, store });
  const pull = createPuller(store, sourcesOf(store, serverDeps, oci));
  const filesystem = createFilesystemMeter({ ...deps, log, store, socketPath: deps.config.lxdSocket });
  const probes = createProbes(deps.lxd, deps.clock);
  const tidyUps = [onceItWorks(async () => probes.tidyUp()), onceItWorks(async () => oci?.tidyUp())];

  return {
    refresh: async (signal) => {
      await store.refresh(signal);
      for (const tidyUp of tidyUps)
        await tidyUp().catch((error: unknown) =>
          log.warn({ err: error }, "cannot remove what an earlier process left behind"),
        );
    },
    list: () => store.catalog.records,
    resolve: (reference) => store.catalog.resolve(reference),
    pull,
    remove: (reference, signal) => removeImage({ lxd: deps.lxd, store, log }, reference, signal),
    users: createUsersLookup({ ...deps, log, store, probes }),
    pauseImage: createPauseImage({ lxd: deps.lxd, store, log }),
    filesystem: () => filesystem.current(),
    measureFilesystem: (signal) => filesystem.measure(signal),
  };
}

function configured<Deps extends Pick<OciDeps, "limits">>(
  oci: Deps,
  { imageSizeMax }: Pick<Config, "imageSizeMax">,
): Deps {
  const imageBytesMax = Math.min(oci.limits.imageBytesMax, imageSizeMax * BYTES_PER_GIB);
  return { ...oci, limits: { ...oci.limits, imageBytesMax } };
}

/** In the order of the one rule in `reference.ts`. */
function sourcesOf(store: ImageStore, deps: ServerSourceDeps, oci: OciSources | undefined): readonly ImageSource[] {
  return [
    createContentSource(store),
    createServerSource(deps, namedServer),
    ...(oci === undefined ? [] : [oci.source(isRegistryName)]),
    createAliasSource(store, deps.defaultRemote),
    createServerSource(deps, defaultServer),
    createPrefixSource(store),
    ...(oci === undefined ? [] : [oci.source(isShortName)]),
  ];
}

/** A config that cannot be read must not take the images away that LXD has. */
async function remotesOrBuiltIn({ config, files, log, remoteConfigPlaces = [] }: ImagesDeps): Promise<Remotes> {
  try {
    return await loadRemotes(
      config.lxdRemoteConfig === undefined ? remoteConfigPlaces : [config.lxdRemoteConfig],
      files,
    );
  } catch (error) {
    log.warn({ err: error }, "cannot read the remotes of the lxc client; only the built-in ones can be used");
    return BUILT_IN_REMOTES;
  }
}

/** Only once, but again after a failure. */
function onceItWorks(work: () => Promise<void>): () => Promise<void> {
  let done = false;
  return async () => {
    if (done) return;
    await work();
    done = true;
  };
}
