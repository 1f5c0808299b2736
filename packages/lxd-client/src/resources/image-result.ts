import type { ImageResult } from "../api/images.ts";
import { checkSuccess } from "../operations/run.ts";
import { isLxdError, LxdError } from "../errors.ts";
import type { Operation } from "../schema/operation.ts";

/** LXD fails an upload of an image that it has, but says which one it is: for us that is a success. */
export function imageResult(request: string, ended: Operation): ImageResult {
  const fingerprint = ended.metadata?.["fingerprint"];
  try {
    checkSuccess(request, ended);
  } catch (error) {
    if (!isLxdError(error, "already-exists") || typeof fingerprint !== "string") throw error;
    return { fingerprint, created: false };
  }
  if (typeof fingerprint === "string") return { fingerprint, created: true };
  throw new LxdError("protocol", `${request}: the operation names no image`, { request });
}
