/** ListImages and StreamImages: from memory. */
import type {
  CallContext,
  ImageFilter,
  ListImagesRequest,
  ListImagesResponse,
  StreamImagesRequest,
  StreamImagesResponse,
} from "@lxe/cri";
import type { BaseContext } from "../context.ts";
import { STREAM_IMAGES_MAX } from "../images/limits.ts";
import type { ImageRecord, Images } from "../images/types.ts";
import { imageMessage } from "./image-message.ts";

type ListContext = Pick<BaseContext, "images">;

export async function listImages({ images }: ListContext, request: ListImagesRequest): Promise<ListImagesResponse> {
  return { images: select(images, request.filter).map((record) => imageMessage(record)) };
}

/** The same in messages of bounded size. */
export async function* streamImages(
  { images }: ListContext,
  request: StreamImagesRequest,
  { signal }: Pick<CallContext, "signal">,
): AsyncIterable<StreamImagesResponse> {
  const records = select(images, request.filter);
  for (let start = 0; start < records.length; start += STREAM_IMAGES_MAX) {
    signal.throwIfAborted();
    yield { images: records.slice(start, start + STREAM_IMAGES_MAX).map((record) => imageMessage(record)) };
  }
}

function select(images: Pick<Images, "list" | "resolve">, filter: ImageFilter | undefined): readonly ImageRecord[] {
  const reference = filter?.image?.image ?? "";
  if (reference === "") return images.list();
  const record = images.resolve(reference);
  return record === undefined ? [] : [record];
}
