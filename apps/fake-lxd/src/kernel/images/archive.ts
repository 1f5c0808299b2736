/** Image files: decompressed, read as tar, split into metadata.yaml and a root file system. */
import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import { type ParsedTarEntryWithData, unpackTar } from "modern-tar";
import { parse } from "yaml";
import type { RootfsEntry } from "../../guest/types.ts";
import { failure } from "../errors.ts";

const magics: readonly [name: string, offset: number, bytes: readonly number[]][] = [
  ["gzip", 0, [0x1f, 0x8b]],
  ["zstd", 0, [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["bzip2", 0, [0x42, 0x5a, 0x68]],
  ["lzma", 0, [0x5d, 0x00, 0x00]],
  ["squashfs", 0, [0x68, 0x73, 0x71, 0x73]],
  ["tar", 257, [0x75, 0x73, 0x74, 0x61, 0x72]],
];

function formatOf(file: Uint8Array): string {
  const found = magics.find(([, offset, bytes]) => bytes.every((byte, index) => file[offset + index] === byte));
  return found?.[0] ?? "unknown";
}

const extensions: Readonly<Record<string, string>> = {
  gzip: ".tar.gz",
  zstd: ".tar.zst",
  xz: ".tar.xz",
  bzip2: ".tar.bz2",
  lzma: ".tar.lzma",
  squashfs: ".squashfs",
  tar: ".tar",
};

export function extensionOf(file: Uint8Array): string {
  return extensions[formatOf(file)] ?? "";
}

async function decompress(file: Uint8Array): Promise<Uint8Array> {
  const format = formatOf(file);
  if (format === "gzip") return await promisify(gunzip)(file);
  if (format === "zstd") return await promisify(zstdDecompress)(file);
  if (format === "tar") return file;
  if (format === "unknown") throw failure("Unsupported compression");
  throw failure(`Image files in ${format} format cannot be read by fake-lxd: use tar, tar.gz or tar.zst`);
}

const types: Readonly<Record<string, RootfsEntry["type"]>> = {
  file: "file",
  link: "hardlink",
  symlink: "symlink",
  directory: "directory",
  "character-device": "character-device",
  "block-device": "block-device",
  fifo: "fifo",
};

const normal = (name: string) => name.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");

function toEntry({ header, data }: ParsedTarEntryWithData): RootfsEntry | undefined {
  const path = normal(header.name);
  const type = types[header.type ?? "file"];
  if (type === undefined || path === "" || path === ".") return undefined;
  return {
    path,
    type,
    mode: (header.mode ?? (type === "directory" ? 0o755 : 0o644)) & 0o7777,
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    mtimeMs: header.mtime?.getTime() ?? 0,
    ...(header.linkname && { linkTarget: type === "hardlink" ? normal(header.linkname) : header.linkname }),
    ...(type === "file" && { data: data ?? new Uint8Array() }),
  };
}

async function entriesOf(file: Uint8Array): Promise<RootfsEntry[]> {
  const entries = await unpackTar(await decompress(file));
  return entries.flatMap((entry) => toEntry(entry) ?? []);
}

export interface UnpackedImage {
  metadata: Record<string, unknown>;
  rootfs: RootfsEntry[];
}

function metadataOf(entries: readonly RootfsEntry[]): Record<string, unknown> {
  const file = entries.find((entry) => entry.path === "metadata.yaml");
  if (file?.data === undefined) throw failure("Metadata tarball is missing metadata.yaml");
  const metadata: unknown = parse(Buffer.from(file.data).toString());
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    throw failure("Could not parse metadata.yaml");
  }
  return { ...metadata };
}

function checkMetadata(metadata: Record<string, unknown>): void {
  if (typeof metadata["architecture"] !== "string") throw failure("Could not determine architecture of image");
  if (typeof metadata["creation_date"] !== "number" || metadata["creation_date"] === 0) {
    throw failure("Missing creation date");
  }
}

/** `rootfs` absent: a unified image, whose root file system is below `rootfs/`. */
export async function unpackImage(metadataFile: Uint8Array, rootfsFile?: Uint8Array): Promise<UnpackedImage> {
  const entries = await entriesOf(metadataFile);
  const metadata = metadataOf(entries);
  checkMetadata(metadata);
  if (rootfsFile !== undefined) return { metadata, rootfs: await entriesOf(rootfsFile) };
  const rootfs = entries
    .filter((entry) => entry.path.startsWith("rootfs/"))
    .map((entry) => ({
      ...entry,
      path: entry.path.slice("rootfs/".length),
      ...(entry.type === "hardlink" && { linkTarget: (entry.linkTarget ?? "").replace(/^rootfs\//, "") }),
    }));
  return { metadata, rootfs };
}
