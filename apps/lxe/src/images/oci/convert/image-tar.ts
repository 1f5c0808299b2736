/** An image for LXD: its metadata, then a file tree with its contents, as one tar archive in pieces of bounded size. */
import { paddingOf, type TarEntry } from "../tar/entry.ts";
import { archiveEnd, entryHeader } from "../tar/writer.ts";
import type { FileTree } from "./file-tree.ts";
import type { Inode } from "./inode.ts";
import type { LayerReader } from "./layer-reader.ts";

const PIECE_BYTES = 256 * 1024;
/** Not worth copying together with others. */
const LARGE_BYTES = 64 * 1024;
/** LXD's place for the root file system. */
const ROOT = "rootfs";

/**
 * Equal trees give equal bytes. The metadata come first: LXD looks for them from the beginning.
 * @param metadata as an entry of a tar archive
 */
export async function* imageTar(
  metadata: Uint8Array,
  tree: FileTree,
  contents: LayerReader,
): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of archive(metadata, tree, contents)) {
    const isLarge = bytes.length >= LARGE_BYTES;
    if (!isLarge) {
      pieces.push(bytes);
      length += bytes.length;
      if (length < PIECE_BYTES) continue;
    }
    if (pieces.length > 0) yield Buffer.concat(pieces);
    pieces = [];
    length = 0;
    if (isLarge) yield bytes;
  }
  yield Buffer.concat(pieces);
}

async function* archive(metadata: Uint8Array, tree: FileTree, contents: LayerReader): AsyncGenerator<Uint8Array> {
  yield metadata;
  const written = new Map<number, string>();
  for (const { path, inode, shared } of tree.files()) {
    const name = path === "" ? ROOT : `${ROOT}/${path}`;
    const first = shared === undefined ? undefined : written.get(shared);
    if (first !== undefined) {
      yield entryHeader({ ...entryOf(name, inode), kind: "hardlink", linkname: first, size: 0, xattrs: undefined });
      continue;
    }
    if (shared !== undefined) written.set(shared, name);
    yield entryHeader(entryOf(name, inode));
    if (inode.size === 0) continue;
    yield* contents.read(inode.layer, inode.offset, inode.size);
    yield Buffer.alloc(paddingOf(inode.size));
  }
  yield archiveEnd();
}

function entryOf(path: string, inode: Inode): TarEntry {
  const { target, layer: _layer, offset: _offset, ...rest } = inode;
  return { ...rest, name: inode.kind === "directory" ? `${path}/` : path, linkname: target };
}
