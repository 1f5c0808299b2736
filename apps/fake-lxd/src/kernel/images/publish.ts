/** File trees as images: packed into a unified archive. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { packTar } from "modern-tar";
import type { RootfsEntry } from "../../guest/types.ts";

const tarTypes = {
  file: "file",
  directory: "directory",
  symlink: "symlink",
  hardlink: "link",
  "character-device": "character-device",
  "block-device": "block-device",
  fifo: "fifo",
} as const;

function toTar(entry: RootfsEntry) {
  const name = `rootfs/${entry.path}`;
  const linkname = entry.type === "hardlink" ? `rootfs/${entry.linkTarget ?? ""}` : entry.linkTarget;
  return {
    header: {
      name: entry.type === "directory" ? `${name}/` : name,
      type: tarTypes[entry.type],
      size: entry.data?.length ?? 0,
      mode: entry.mode,
      uid: entry.uid,
      gid: entry.gid,
      mtime: new Date(entry.mtimeMs),
      ...(linkname !== undefined && { linkname }),
    },
    ...(entry.data !== undefined && { body: entry.data }),
  };
}

export async function packImage(
  entries: Iterable<RootfsEntry>,
  metadata: { architecture: string; creationMs: number; properties: Record<string, string> },
): Promise<Uint8Array> {
  // JSON is YAML.
  const yaml = JSON.stringify({
    architecture: metadata.architecture,
    creation_date: Math.floor(metadata.creationMs / 1000),
    expiry_date: 0,
    properties: metadata.properties,
    templates: null,
  });
  const header = {
    name: "metadata.yaml",
    type: "file" as const,
    size: Buffer.byteLength(yaml),
    mode: 0o644,
    mtime: new Date(metadata.creationMs),
  };
  const tar = await packTar([{ header, body: yaml }, ...[...entries].map(toTar)]);
  return await promisify(gzip)(tar);
}
