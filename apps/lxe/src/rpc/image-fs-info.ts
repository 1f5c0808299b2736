/** ImageFsInfo: the last measurement; only the first one is waited for. */
import {
  type CallContext,
  FilesystemUsage,
  type ImageFsInfoRequest,
  type ImageFsInfoResponse,
  UnavailableError,
} from "@lxe/cri";
import type { BaseContext } from "../context.ts";
import { FILESYSTEM_WAIT_MS } from "../images/limits.ts";
import type { ImageFilesystem } from "../images/types.ts";

type FsInfoContext = Pick<BaseContext, "images" | "clock">;

export async function imageFsInfo(
  context: FsInfoContext,
  _request: ImageFsInfoRequest,
  { signal }: Pick<CallContext, "signal">,
): Promise<ImageFsInfoResponse> {
  const usage = usageOf(context.images.filesystem() ?? (await firstMeasurement(context, signal)));
  // Containers are on the same pool. The kubelet's own provider reads the first entry of both lists.
  return { imageFilesystems: [usage], containerFilesystems: [usage] };
}

async function firstMeasurement({ images, clock }: FsInfoContext, signal: AbortSignal): Promise<ImageFilesystem> {
  const tooLong = new AbortController();
  const timer = clock.setTimeout(() => {
    tooLong.abort(new UnavailableError("the images' file system is not measured yet"));
  }, FILESYSTEM_WAIT_MS);
  try {
    return await images.measureFilesystem(AbortSignal.any([signal, tooLong.signal]));
  } finally {
    timer.cancel();
  }
}

function usageOf({ mountpoint, usedBytes, inodesUsed, measuredAt }: ImageFilesystem): FilesystemUsage {
  return FilesystemUsage.fromPartial({
    timestamp: measuredAt,
    fsId: { mountpoint },
    usedBytes: { value: usedBytes },
    inodesUsed: { value: inodesUsed },
  });
}
