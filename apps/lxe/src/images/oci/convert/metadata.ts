/** What LXD wants to know of an image besides its files: metadata.yaml. Equal images give equal bytes. */
import { stringify } from "yaml";
import { paddingOf } from "../tar/entry.ts";
import { entryHeader } from "../tar/writer.ts";

export interface ImageMetadata {
  /** LXD's name. */
  readonly architecture: string;
  /** Seconds since the epoch. */
  readonly createdS: number;
  /** At least one: LXD 5.0 crashes otherwise when properties are added. */
  readonly properties: Readonly<Record<string, string>>;
}

const FILE_MODE = 0o644;

/** As an entry of a tar archive, with its content. */
export function metadataEntry({ architecture, createdS, properties }: ImageMetadata): Buffer {
  const text = stringify({ architecture, creation_date: Math.max(1, createdS), properties }, { lineWidth: 0 });
  const content = Buffer.from(text);
  const header = entryHeader({
    kind: "file",
    name: "metadata.yaml",
    linkname: "",
    mode: FILE_MODE,
    uid: 0,
    gid: 0,
    mtimeS: 0,
    size: content.length,
    devMajor: 0,
    devMinor: 0,
    xattrs: undefined,
  });
  return Buffer.concat([header, content, Buffer.alloc(paddingOf(content.length))]);
}
