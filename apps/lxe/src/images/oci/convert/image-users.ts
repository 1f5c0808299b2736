/** Who an image's users are and where its usual links lead, read from its file tree: no instance is needed for that. */
import { posix } from "node:path";
import { SYMLINKS_MAX, USERS_FILE_BYTES_MAX } from "../../limits.ts";
import type { ImageUsers } from "../../types.ts";
import type { FileTree } from "./file-tree.ts";
import type { LayerReader } from "./layer-reader.ts";

/** `mountPoints`: paths that things are mounted at. Those that lie below others come before them. */
export async function imageUsers(
  tree: FileTree,
  contents: LayerReader,
  mountPoints: readonly string[],
): Promise<ImageUsers> {
  const deepestFirst = mountPoints.map((path) => posix.normalize(path)).toSorted((a, b) => b.length - a.length);
  const links = deepestFirst.flatMap((path) => {
    const place = placeOf(tree, path);
    return place === path ? [] : [[path, place] as const];
  });
  return {
    passwd: await readText(tree, contents, "/etc/passwd"),
    group: await readText(tree, contents, "/etc/group"),
    links: Object.fromEntries(links),
  };
}

/** Where the path leads to in the end, through links in any of its components, whether something is there or not. */
function placeOf(tree: FileTree, path: string): string {
  let place = "/";
  let links = 0;
  // the tree's names are bytes
  const todo = componentsOf(Buffer.from(path).toString("latin1")).toReversed();
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    const next = posix.join(place, name);
    const inode = tree.find(next, { followLast: false });
    if (inode?.kind === "symlink" && links < SYMLINKS_MAX) {
      links += 1;
      if (inode.target.startsWith("/")) place = "/";
      todo.push(...componentsOf(inode.target).toReversed());
    } else place = next;
  }
  return Buffer.from(place, "latin1").toString();
}

function componentsOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
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
