/** What images take on the node's disk. Measured in the background: who asks gets the last measurement. */
import { join } from "node:path";
import type { LxdClient } from "@lxe/lxd-client";
import type { Clock } from "../platform/clock.ts";
import type { HostFiles } from "../platform/host-files.ts";
import type { Logger } from "../platform/logger.ts";
import type { Catalog } from "./catalog.ts";
import { FILESYSTEM_AGE_MS } from "./limits.ts";
import { lxdDirectory, poolMountpoint } from "./mountpoint.ts";
import { createSharedTasks } from "./shared-tasks.ts";
import type { ImageStore } from "./store.ts";
import type { ImageFilesystem } from "./types.ts";

interface FilesystemDeps {
  readonly lxd: { readonly storage: Pick<LxdClient["storage"], "get"> };
  readonly files: Pick<HostFiles, "stat" | "isMountPoint" | "list">;
  readonly clock: Pick<Clock, "nowNs" | "monotonicMs">;
  readonly log: Pick<Logger, "warn">;
  readonly store: ImageStore;
  readonly socketPath: string | undefined;
  readonly storagePool: () => string | Promise<string>;
}

export interface FilesystemMeter {
  /** The last measurement; starts the next one when that is old, or images have come or gone since. */
  current(): ImageFilesystem | undefined;
  measure(signal?: AbortSignal): Promise<ImageFilesystem>;
}

export function createFilesystemMeter(deps: FilesystemDeps): FilesystemMeter {
  const measurements = createSharedTasks<ImageFilesystem>();
  let last: ImageFilesystem | undefined;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let triedWith: Catalog | undefined;

  async function measureNow(): Promise<ImageFilesystem> {
    triedWith = deps.store.catalog;
    last = await measureImages(deps);
    return last;
  }

  function measure(signal?: AbortSignal): Promise<ImageFilesystem> {
    triedAtMs = deps.clock.monotonicMs();
    return measurements.run("", measureNow, signal);
  }

  return {
    current: () => {
      const isOld = deps.clock.monotonicMs() - triedAtMs >= FILESYSTEM_AGE_MS;
      if (isOld || triedWith !== deps.store.catalog) {
        measure().catch((error: unknown) => deps.log.warn({ err: error }, "cannot measure the images' file system"));
      }
      return last;
    },
    measure,
  };
}

async function measureImages(deps: FilesystemDeps): Promise<ImageFilesystem> {
  const directory = await lxdDirectory(deps.socketPath, deps.files);
  const mountpoint = await poolMountpoint(deps.lxd.storage, await deps.storagePool(), directory, deps.files);
  const images = deps.store.catalog.records;
  return {
    mountpoint,
    usedBytes: images.reduce((sum, image) => sum + image.sizeBytes, 0n),
    inodesUsed: BigInt(await countFiles(deps, directory)),
    measuredAt: deps.clock.nowNs(),
  };
}

/** LXD keeps an image as one or two files named by its fingerprint. Where they cannot be seen: one for each. */
async function countFiles({ files, store }: FilesystemDeps, directory: string): Promise<number> {
  const fingerprints = new Set(store.catalog.records.map((image) => image.fingerprint));
  const names = await files.list(join(directory, "images")).catch(() => []);
  const seen = names.filter((name) => fingerprints.has(name.split(".", 1)[0] ?? "")).length;
  return Math.max(seen, fingerprints.size);
}
