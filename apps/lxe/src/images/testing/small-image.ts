/** Images of a few files, for tests: a tar each for metadata and root file system, or one tar of both. */
import { createHash } from "node:crypto";
import { packTar } from "modern-tar";

type Entry = Parameters<typeof packTar>[0][number];

/** Files of the root file system by path without a leading slash; a `{ link }` is a symbolic link. */
export type SmallFiles = Readonly<Record<string, string | { readonly link: string }>>;

export interface SplitImage {
  readonly metadata: Uint8Array;
  readonly rootfs: Uint8Array;
  readonly fingerprint: string;
}

/** `flavour` ends up in the metadata, so images of different flavours differ. */
export async function splitImage(flavour: string, files: SmallFiles = {}): Promise<SplitImage> {
  const metadata = await packTar([metadataEntry(flavour)]);
  const rootfs = await packTar(rootfsEntries("", files));
  return { metadata, rootfs, fingerprint: sha256(metadata, rootfs) };
}

export async function unifiedImage(flavour: string, files: SmallFiles = {}): Promise<Uint8Array> {
  return await packTar([metadataEntry(flavour), ...rootfsEntries("rootfs/", files)]);
}

export function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

function metadataEntry(flavour: string): Entry {
  const text = `architecture: x86_64\ncreation_date: 1700000000\nproperties:\n  description: ${flavour}\n`;
  return entryOf("metadata.yaml", text);
}

function rootfsEntries(root: string, files: SmallFiles): Entry[] {
  const directories = new Set(["", "etc/", "dev/", "proc/", "sys/"]);
  for (const path of Object.keys(files)) directories.add(path.slice(0, path.lastIndexOf("/") + 1));
  return [
    ...[...directories].map((name) => directory(`${root}${name}` || "./")),
    ...Object.entries(files).map(([path, content]) => entryOf(`${root}${path}`, content)),
  ];
}

function directory(name: string): Entry {
  return { header: { name, type: "directory", size: 0, mode: 0o755 } };
}

function entryOf(name: string, content: string | { readonly link: string }): Entry {
  if (typeof content !== "string") return { header: { name, type: "symlink", size: 0, linkname: content.link } };
  return { header: { name, type: "file", size: Buffer.byteLength(content), mode: 0o644 }, body: content };
}
