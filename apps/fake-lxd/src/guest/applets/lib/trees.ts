/** Walks over directory trees. */
import { lstat, readdir } from "../../sys/files.ts";
import type { Process } from "../../core/process.ts";
import { S_IFDIR, S_IFMT, type Stat } from "../../vfs/types.ts";

export function isDirectory(info: Stat): boolean {
  return (info.mode & S_IFMT) === S_IFDIR;
}

export function joinPath(directory: string, name: string): string {
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

/** Everything below a path, itself included; directories before (or, `depthFirst`, after) what they hold. Symlinks are not followed. */
export function* walkTree(process: Process, path: string, depthFirst = false): Generator<{ path: string; info: Stat }> {
  const info = lstat(process, path);
  if (!depthFirst) yield { path, info };
  if (isDirectory(info))
    for (const name of readdir(process, path)) yield* walkTree(process, joinPath(path, name), depthFirst);
  if (depthFirst) yield { path, info };
}

export function lastName(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  return trimmed.slice(trimmed.lastIndexOf("/") + 1) || "/";
}
