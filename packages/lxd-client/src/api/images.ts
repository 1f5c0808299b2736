import type { Readable } from "node:stream";
import type { Image, ImageAliasEntry, ImageAliasesPost, ImagePut, ImagesPost } from "../schema/image.ts";
import type { Operation } from "../schema/operation.ts";
import type { CallOptions, ListOptions, ModifyOptions, OperationOptions, Tagged, WriteOptions } from "./options.ts";

/** A stream is read once: an upload from one is never retried. */
export type UploadBody = Uint8Array | Readable | AsyncIterable<Uint8Array>;

interface UploadCommon {
  filename?: string | undefined;
  public?: boolean | undefined;
  /** Added to those in metadata.yaml, which must have some then: LXD 5.0 crashes otherwise. */
  properties?: Readonly<Record<string, string>> | undefined;
  /** sha256 hex that LXD shall check. */
  fingerprint?: string | undefined;
}

/** One tar file (plain, gz, xz, bz2, lzma, zst) with metadata.yaml and rootfs/. */
export interface UnifiedImage extends UploadCommon {
  file: UploadBody;
}

/** A metadata tar and a root file system (tar or squashfs; `rootfs.img` for virtual machines). */
export interface SplitImage extends UploadCommon {
  metadata: UploadBody;
  rootfs: UploadBody;
  type?: "container" | "virtual-machine" | undefined;
}

export interface ImageResult {
  fingerprint: string;
  /** False if LXD refused an upload because it had the very same image. A copy from a server is true either way. */
  created: boolean;
}

/** A split image comes as one multipart/form-data stream. */
export interface ImageExport {
  contentType: string;
  filename: string | undefined;
  /** Bytes, if known. */
  contentLength: number | undefined;
  content: Readable;
}

export interface ImageAliasesApi {
  list(options?: CallOptions): Promise<ImageAliasEntry[]>;
  get(name: string, options?: CallOptions): Promise<Tagged<ImageAliasEntry>>;
  create(body: ImageAliasesPost, options?: CallOptions): Promise<void>;
  /** Points an alias at another image. */
  update(name: string, body: { target: string; description?: string }, options?: WriteOptions): Promise<void>;
  delete(name: string, options?: CallOptions): Promise<void>;
}

export interface ImagesApi {
  readonly aliases: ImageAliasesApi;
  list(options?: ListOptions): Promise<Image[]>;
  /** LXD takes any unique prefix of a fingerprint. */
  get(fingerprint: string, options?: CallOptions): Promise<Tagged<Image>>;
  upload(image: UnifiedImage | SplitImage, options?: OperationOptions): Promise<ImageResult>;
  /** LXD downloads it from an image server. An image that is there already is a success. */
  copy(
    body: Omit<ImagesPost, "source"> & { source: Omit<ImagesPost["source"], "type" | "mode"> },
    options?: OperationOptions,
  ): Promise<ImageResult>;
  update(fingerprint: string, body: ImagePut, options?: WriteOptions): Promise<void>;
  modify(
    fingerprint: string,
    change: (current: Required<ImagePut>, image: Image) => ImagePut | undefined,
    options?: ModifyOptions,
  ): Promise<void>;
  /** Properties merge. */
  patch(fingerprint: string, body: ImagePut, options?: WriteOptions): Promise<void>;
  delete(fingerprint: string, options?: OperationOptions): Promise<Operation>;
  export(fingerprint: string, options?: CallOptions): Promise<ImageExport>;
}
