/** Sees to it that LXD has the image of sandboxes, under an alias that keeps it from being removed to save space. */
import { FailedPreconditionError } from "@lxe/cri";
import type { LxdClient } from "@lxe/lxd-client";
import { machineFor, MACHINES } from "../init/machine.ts";
import type { Logger } from "../platform/logger.ts";
import { pointAlias } from "./alias.ts";
import { PAUSE_ALIAS_PREFIX } from "./catalog.ts";
import { createPauseTar, type PauseTar } from "./pause-tar.ts";
import { createSharedTasks } from "./shared-tasks.ts";
import type { ImageStore } from "./store.ts";

interface PauseImageDeps {
  readonly lxd: { readonly images: Pick<LxdClient["images"], "upload" | "aliases"> };
  readonly store: ImageStore;
  readonly log: Pick<Logger, "info">;
}

export type PauseImage = (architecture: string, signal?: AbortSignal) => Promise<string>;

/** The image of an older lxe loses the alias when this one makes its own, and is then removed like any unused image. */
export function createPauseImage({ lxd, store, log }: PauseImageDeps): PauseImage {
  const tars = new Map<string, PauseTar>();
  const imports = createSharedTasks<void>();

  async function importImage(tar: PauseTar, alias: string, signal: AbortSignal): Promise<void> {
    const { bytes: file, fingerprint } = tar;
    const { created } = await lxd.images.upload({ file, fingerprint, filename: "lxe-pause.tar" }, { signal });
    await pointAlias(lxd.images.aliases, alias, fingerprint, signal);
    await store.refresh(signal);
    if (created) log.info({ alias, fingerprint }, "sandbox image imported");
  }

  return async (architecture, signal) => {
    const tar = tars.get(architecture) ?? (await makeTar(architecture));
    tars.set(architecture, tar);
    const alias = `${PAUSE_ALIAS_PREFIX}${architecture}`;
    if (store.catalog.fingerprintOfAlias(alias) === tar.fingerprint) return tar.fingerprint;
    await imports.run(architecture, (shared) => importImage(tar, alias, shared), signal);
    return tar.fingerprint;
  };
}

async function makeTar(architecture: string): Promise<PauseTar> {
  const machine = machineFor(architecture);
  if (machine !== undefined) return await createPauseTar(machine);
  const known = MACHINES.map((known) => known.architecture).join(", ");
  throw new FailedPreconditionError(`lxe has no sandbox program for ${architecture}, only for ${known}`);
}
