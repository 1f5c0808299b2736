/** Layers of test images, as registries have them. */
import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { paddingOf, type TarEntry } from "../tar/entry.ts";
import { archiveEnd, entryHeader } from "../tar/writer.ts";
import { scanned } from "./entries.ts";

export interface TestFile extends Partial<Omit<TarEntry, "size">> {
  readonly name: string;
  readonly content?: string | Uint8Array;
}

export interface TestLayer {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: string;
  readonly diffId: string;
}

const PACKERS = {
  plain: { suffix: "", pack: (bytes: Buffer) => bytes },
  gzip: { suffix: "+gzip", pack: (bytes: Buffer) => gzipSync(bytes) },
  zstd: { suffix: "+zstd", pack: (bytes: Buffer) => zstdCompressSync(bytes) },
};

export function tarOf(files: readonly TestFile[]): Buffer {
  const parts = files.flatMap(({ content = "", ...entry }) => {
    const bytes = Buffer.from(content);
    return [entryHeader(scanned({ ...entry, size: bytes.length })), bytes, Buffer.alloc(paddingOf(bytes.length))];
  });
  return Buffer.concat([...parts, archiveEnd()]);
}

export function layerOf(files: readonly TestFile[] | Buffer, packing: keyof typeof PACKERS = "gzip"): TestLayer {
  const archive = Buffer.isBuffer(files) ? files : tarOf(files);
  const { suffix, pack } = PACKERS[packing];
  const bytes = pack(archive);
  return {
    mediaType: `application/vnd.oci.image.layer.v1.tar${suffix}`,
    bytes,
    digest: sha256(bytes),
    diffId: sha256(archive),
  };
}

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
