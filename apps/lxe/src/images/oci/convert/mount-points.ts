/** What containers mount things at, which must be there because a read-only root file system cannot get it later. */
import type { FileTree } from "./file-tree.ts";
import { emptyFile, impliedDirectory } from "./inode.ts";

const DIRECTORIES = ["/dev", "/dev/mqueue", "/dev/pts", "/dev/shm", "/etc", "/proc", "/run", "/sys", "/.lxe"];
const WORLD_WRITABLE = ["/tmp"];
const WORLD_WRITABLE_MODE = 0o1777;
const FILES = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];
/** They are of no layer; the lowest stands for it. */
const LAYER = 0;

/** Adds what is missing, further directories included. */
export function addMountPoints(tree: FileTree, directories: readonly string[]): void {
  for (const path of DIRECTORIES) tree.addMissing(path, impliedDirectory(LAYER));
  for (const path of WORLD_WRITABLE) tree.addMissing(path, impliedDirectory(LAYER, WORLD_WRITABLE_MODE));
  for (const path of FILES) tree.addMissing(path, emptyFile(LAYER));
  for (const path of directories) tree.addMissing(Buffer.from(path).toString("latin1"), impliedDirectory(LAYER));
}
