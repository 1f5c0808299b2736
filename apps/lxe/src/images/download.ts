/** One download by LXD from an image server, watched. */
import { UnknownError } from "@lxe/cri";
import { isLxdError, type ImageResult, type LxdClient, type Operation } from "@lxe/lxd-client";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";
import { PULL_STALL_MS } from "./limits.ts";
import type { ImageServer } from "./remotes.ts";
import { createStallGuard } from "./stall-guard.ts";

export interface DownloadDeps {
  readonly lxd: { readonly images: Pick<LxdClient["images"], "copy"> };
  readonly clock: Pick<Clock, "setTimeout">;
  readonly log: Pick<Logger, "debug">;
}

/** What to download: by one of both. */
export type Wanted = { readonly alias: string } | { readonly fingerprint: string };

/** Downloads nothing if LXD has what the server offers. Aborting cancels LXD's download; so does five minutes' silence. */
export async function download(
  deps: DownloadDeps,
  server: ImageServer,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<ImageResult> {
  using guard = createStallGuard(deps.clock, PULL_STALL_MS);
  let last: string | undefined;
  const onUpdate = (operation: Operation): void => {
    const progress = progressOf(operation);
    if (progress === last) return;
    last = progress;
    guard.progress();
    deps.log.debug({ ...wanted, server: server.address, progress }, "pulling image");
  };
  const source = {
    server: server.address,
    protocol: server.protocol,
    certificate: server.certificate,
    image_type: "container" as const,
  };
  try {
    return await deps.lxd.images.copy(
      { source: { ...source, ...wanted } },
      { signal: AbortSignal.any([signal, guard.signal]), onUpdate },
    );
  } catch (error) {
    if (!guard.signal.aborted || !isLxdError(error, "cancelled", "timeout")) throw error;
    throw new UnknownError(`RegistryUnavailable: no progress in ${PULL_STALL_MS / 1000} s from ${server.address}`, {
      cause: error,
    });
  }
}

function progressOf(operation: Operation): string | undefined {
  const progress = operation.metadata?.["download_progress"];
  return typeof progress === "string" ? progress : undefined;
}
