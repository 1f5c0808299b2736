import type { FileTree, RootfsEntry } from "../types.ts";
import { FileAccess } from "../vfs/file-access.ts";
import { MemFs } from "../vfs/mem-fs.ts";
export declare class MemTree extends FileAccess implements FileTree {
  readonly fs: MemFs;
  constructor(fs: MemFs);
  clone(): FileTree;
  sizeBytes(): number;
  entries(): Iterable<RootfsEntry>;
}
/** Archive entries in order: later ones replace earlier ones, missing parents are made. */
export declare function buildTree(entries: Iterable<RootfsEntry>, now: () => number): MemTree;
