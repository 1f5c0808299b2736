/**
 * A directory or file of the host as a file system of a guest, through node:fs. Nodes are host paths, so a symlink swap or a rename on the
 * host shows at once. Symlinks are never followed on the host side: the guest's path walk does that in the guest's tree.
 */
import fs from "node:fs";
import { type OpenFile } from "../core/open-file.ts";
import { type IdMap } from "./ids.ts";
import { type Attributes, type FileSystem, type NewNode, type NodeId, type Stat } from "./types.ts";
export declare class HostFs implements FileSystem {
  #private;
  readonly type = "ext4";
  readonly readonly = false;
  readonly root: string;
  constructor(root: string, ids: IdMap);
  hostPath(node: NodeId): string;
  stat(node: NodeId): Stat;
  convert(stat: fs.Stats): Stat;
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
  open(node: NodeId, flags: number): OpenFile;
}
/** Runs a call of node:fs and gives its failure as the guest knows failures. */
export declare function attempt<T>(call: () => T): T;
