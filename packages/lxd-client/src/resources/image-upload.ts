/** Uploads of images, streamed: nothing is kept in memory but what the caller gave as bytes. */
import { Readable } from "node:stream";
import type { ImageResult, SplitImage, UnifiedImage, UploadBody } from "../api/images.ts";
import type { OperationOptions } from "../api/options.ts";
import type { Context } from "../context.ts";
import type { Flavor } from "../flavor.ts";
import { startedBy } from "../operations/run.ts";
import { path } from "./access.ts";
import { imageResult } from "./image-result.ts";
import { multipart } from "./multipart.ts";

export async function uploadImage(
  context: Context,
  image: UnifiedImage | SplitImage,
  options: OperationOptions | undefined,
): Promise<ImageResult> {
  const { flavor } = await context.info(options);
  const body = "file" in image ? unifiedBody(image) : splitBody(image);
  const headers = { ...headersOf(flavor, image), "content-type": body.contentType };
  const request = { method: "POST", path: path("images"), headers, content: body.content } as const;
  const started = startedBy("POST /1.0/images", await context.rest.upload(request, options));
  return imageResult("POST /1.0/images", await context.tracker.waitEnd(started, options));
}

interface Body {
  contentType: string;
  content: Uint8Array | Readable;
}

function unifiedBody({ file }: UnifiedImage): Body {
  const isWhole = file instanceof Uint8Array || file instanceof Readable;
  return { contentType: "application/octet-stream", content: isWhole ? file : Readable.from(file) };
}

/** LXD wants the parts in this order. */
function splitBody({ metadata, rootfs, type }: SplitImage): Body {
  const rootfsName = type === "virtual-machine" ? "rootfs.img" : "rootfs";
  const { contentType, content } = multipart([
    { name: "metadata", filename: "metadata.tar", content: chunks(metadata) },
    { name: rootfsName, filename: rootfsName, content: chunks(rootfs) },
  ]);
  return { contentType, content: Readable.from(content, { objectMode: false }) };
}

function chunks(body: UploadBody): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  return body instanceof Uint8Array ? [body] : body;
}

function headersOf({ headerPrefix }: Flavor, image: UnifiedImage | SplitImage): Record<string, string> {
  const values: Record<string, string | undefined> = {
    filename: image.filename,
    fingerprint: image.fingerprint,
    public: image.public === undefined ? undefined : String(image.public),
    properties: image.properties === undefined ? undefined : new URLSearchParams({ ...image.properties }).toString(),
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) headers[headerPrefix + name] = value;
  return headers;
}
