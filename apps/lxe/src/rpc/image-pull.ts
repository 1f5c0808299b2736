/** PullImage: the answer is the image's id. */
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
  log.debug({ image: reference, withCredentials: auth !== undefined }, "image asked for");
  const record = await images.pull({ reference, auth }, signal);
  return { imageRef: record.id };
}
