/** Who an image's users are and where its usual links lead, read from its file tree: no instance is needed for that. */
import { posix } from "node:path";
import { SYMLINKS_MAX, USERS_FILE_BYTES_MAX } from "../../limits.ts";
import type { ImageUsers } from "../../types.ts";
import type { FileTree } from "./file-tree.ts";
import type { LayerReader } from "./layer-reader.ts";

export async function imageUsers(
  tree: FileTree,
  contents: LayerReader,
  mountPointLinks: readonly string[],
): Promise<ImageUsers> {
  const links = mountPointLinks.flatMap((path) => {
    const place = endOfLinks(tree, path);
    return place === path ? [] : [[path, place] as const];
  });
  return {
    passwd: await readText(tree, contents, "/etc/passwd"),
    group: await readText(tree, contents, "/etc/group"),
    links: Object.fromEntries(links),
  };
}

/** The path itself where it is no link; else where it leads to in the end, whether something is there or not. */
function endOfLinks(tree: FileTree, path: string): string {
  let place = path;
  for (let count = 0; count < SYMLINKS_MAX; count += 1) {
    const inode = tree.find(place, { followLast: false });
    if (inode?.kind !== "symlink") break;
    place = posix.resolve(posix.dirname(place), inode.target);
  }
  return place;
}

/** At most so much of it as an image's users may take; empty where there is no such file. */
async function readText(tree: FileTree, contents: LayerReader, path: string): Promise<string> {
  const inode = tree.find(path, { followLast: true });
  if (inode?.kind !== "file") return "";
  const chunks: Uint8Array[] = [];
  const size = Math.min(inode.size, USERS_FILE_BYTES_MAX);
  for await (const chunk of contents.read(inode.layer, inode.offset, size)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
