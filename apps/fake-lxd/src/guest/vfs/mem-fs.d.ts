import { type OpenFile } from "../core/open-file.ts";
import { type Inode, InodeTable } from "./inode-table.ts";
import { type Asker, type Attributes, type FileSystem, type NewNode, type NodeId, type Stat } from "./types.ts";
export interface MemFsOptions {
  now: () => number;
  type?: string;
  /** Of the root directory. */
  rootMode?: number;
  /** Writes beyond fail with ENOSPC. */
  limitBytes?: number;
}
export declare class MemFs implements FileSystem {
  #private;
  readonly type: string;
  readonly readonly = false;
  readonly device: number;
  readonly root: number;
  limitBytes: number | undefined;
  usedBytes: number;
  readonly now: () => number;
  constructor(
    options: MemFsOptions,
    from?: {
      inodes: InodeTable;
      root: number;
      usedBytes: number;
    },
  );
  /** A copy that shares what neither changes. */
  clone(): MemFs;
  get(node: NodeId): Inode;
  /** For changing. */
  own(node: NodeId): Inode;
  stat(node: NodeId): Stat;
  lookup(directory: NodeId, name: string): NodeId | undefined;
  parent(node: NodeId): NodeId;
  list(directory: NodeId): string[];
  readlink(node: NodeId): string;
  create(directory: NodeId, name: string, what: NewNode): NodeId;
  link(directory: NodeId, name: string, node: NodeId): void;
  unlink(directory: NodeId, name: string): void;
  rmdir(directory: NodeId, name: string): void;
  rename(from: NodeId, fromName: string, to: NodeId, toName: string): void;
  setAttributes(node: NodeId, { mode, uid, gid, mtimeMs }: Attributes): void;
  open(node: NodeId, flags: number, _asker: Asker): OpenFile;
  /** Called by an open file at its last close. */
  closed(ino: number): void;
  space(): {
    totalBytes: number;
    usedBytes: number;
  };
  /** Grows or shrinks the account; ENOSPC when the limit is passed. */
  account(bytes: number): void;
}
