/** RemoveImage: by any name, all names go. An unknown image is fine: the kubelet may ask again. */
import type { CallContext, RemoveImageRequest, RemoveImageResponse } from "@lxe/cri";
import type { BaseContext } from "../context.ts";

export async function removeImage(
  { images }: Pick<BaseContext, "images">,
  { image }: RemoveImageRequest,
  { signal }: Pick<CallContext, "signal">,
): Promise<RemoveImageResponse> {
  await images.remove(image?.image ?? "", signal);
  return {};
}
