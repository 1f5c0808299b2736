/** PullImage: LXD downloads; the answer is the image's id. */
import type { CallContext, PullImageRequest, PullImageResponse } from "@lxe/cri";
import type { BaseContext } from "../context.ts";

export async function pullImage(
  { images, log }: Pick<BaseContext, "images" | "log">,
  { image, auth }: PullImageRequest,
  { signal }: Pick<CallContext, "signal">,
): Promise<PullImageResponse> {
  signal.throwIfAborted();
  const reference = image?.image ?? "";
  // Never the credentials themselves.
  if (auth !== undefined) log.debug({ image: reference }, "credentials ignored: LXD image servers know none");
  const record = await images.pull({ reference }, signal);
  return { imageRef: record.id };
}
