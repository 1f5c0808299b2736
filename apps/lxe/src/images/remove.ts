/** RemoveImage without the wire. */
import { isLxdError, type LxdClient } from "@lxe/lxd-client";
import type { Logger } from "../platform/logger.ts";
import type { ImageStore } from "./store.ts";

interface RemoveDeps {
  readonly lxd: { readonly images: Pick<LxdClient["images"], "delete"> };
  readonly store: ImageStore;
  readonly log: Pick<Logger, "info">;
}

/**
 * Removes the image with all its names: LXD's aliases go with their image. Containers made from it have copies and go on. When it
 * resolves the image is out of every list, also for a caller that came second and found nothing to do.
 */
export async function removeImage(deps: RemoveDeps, reference: string, signal: AbortSignal | undefined): Promise<void> {
  const record = deps.store.catalog.resolve(reference);
  if (record === undefined) return;
  try {
    await deps.lxd.images.delete(record.fingerprint, { signal });
    deps.log.info({ image: reference, id: record.id }, "image removed");
  } catch (error) {
    // Somebody else was faster; the image is gone, which is all that was asked for.
    if (!isLxdError(error, "not-found")) throw error;
  }
  await deps.store.refresh(signal);
}
