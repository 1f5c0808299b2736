/** One download by LXD from an image server, watched. */
import { UnknownError } from "@lxe/cri";
import type { ImageResult, LxdClient, Operation } from "@lxe/lxd-client";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";
import { cancelWhenPossible } from "./cancel-when-possible.ts";
import { PULL_STALL_MS } from "./limits.ts";
import type { ImageServer } from "./remotes.ts";
import { createStallGuard } from "./stall-guard.ts";

export interface DownloadDeps {
  readonly lxd: {
    readonly images: Pick<LxdClient["images"], "copy">;
    readonly operations: Pick<LxdClient["operations"], "cancel">;
  };
  readonly clock: Pick<Clock, "setTimeout">;
  readonly log: Pick<Logger, "debug">;
}

/** What to download: by one of both. */
export type Wanted = { readonly alias: string } | { readonly fingerprint: string };

/**
 * Downloads nothing if LXD has what the server offers. Aborting cancels LXD's download, and so does five minutes' silence; this settles
 * when LXD has ended it.
 */
export async function download(
  deps: DownloadDeps,
  server: ImageServer,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<ImageResult> {
  signal.throwIfAborted();
  using guard = createStallGuard(deps.clock, PULL_STALL_MS);
  const cancel = cancelWhenPossible(deps.lxd.operations, AbortSignal.any([signal, guard.signal]));
  const report = reporter(deps.log, server, wanted, () => guard.progress());
  const onUpdate = (operation: Operation): void => {
    report(operation);
    cancel(operation);
  };
  try {
    return await deps.lxd.images.copy({ source: sourceOf(server, wanted) }, { onUpdate });
  } catch (error) {
    signal.throwIfAborted();
    if (!guard.signal.aborted) throw error;
    const message = `RegistryUnavailable: no progress in ${PULL_STALL_MS / 1000} s from ${server.address}`;
    throw new UnknownError(message, { cause: error });
  }
}

function sourceOf({ address, protocol, certificate }: ImageServer, wanted: Wanted) {
  return { server: address, protocol, certificate, image_type: "container" as const, ...wanted };
}

/** Says what is new in an operation's updates. */
function reporter(
  log: Pick<Logger, "debug">,
  server: ImageServer,
  wanted: Wanted,
  onProgress: () => void,
): (operation: Operation) => void {
  let last: unknown;
  return ({ metadata }) => {
    const progress = metadata?.["download_progress"];
    if (progress === last) return;
    last = progress;
    onProgress();
    log.debug({ ...wanted, server: server.address, progress }, "pulling image");
  };
}
