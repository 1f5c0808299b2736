/** Node's `Stats` as {@link FileInfo}. */
import type { BigIntStats } from "node:fs";
import type { FileInfo, FileKind } from "./host-files.ts";

const PERMISSION_BITS = 0o7777n;
const STAT_BLOCK_BYTES = 512n;

function kindOf(stats: BigIntStats): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symlink";
  return stats.isSocket() ? "socket" : "other";
}

export function fileInfoOf(stats: BigIntStats): FileInfo {
  return {
    kind: kindOf(stats),
    sizeBytes: Number(stats.size),
    allocatedBytes: Number(stats.blocks * STAT_BLOCK_BYTES),
    inode: stats.ino,
    links: Number(stats.nlink),
    mode: Number(stats.mode & PERMISSION_BITS),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    modifiedNs: stats.mtimeNs,
  };
}
