import type { OpenFile } from "../core/open-file.ts";
import { type Asker, type FileSystem, type NodeId, type Stat } from "./types.ts";
/** What is at a path. */
export type Generated =
  | {
      type: "directory";
      names: () => string[];
      mode?: number;
      uid?: number;
      gid?: number;
    }
  | {
      type: "file";
      text: () => string;
      write?: (data: Buffer) => void;
      mode?: number;
      uid?: number;
      gid?: number;
    }
  | {
      type: "symlink";
      target: () => string;
      magic?: () => OpenFile | undefined;
      uid?: number;
      gid?: number;
    };
export declare abstract class GeneratedFs implements FileSystem {
  #private;
  abstract readonly type: string;
  readonly readonly = false;
  constructor(now: () => number, device: number);
  /** What is at `path` (no slash at either end; empty: the root), undefined if nothing. */
  protected abstract at(path: string, asker: Asker): Generated | undefined;
  stat(node: NodeId, asker: Asker): Stat;
  lookup(directory: NodeId, name: string, asker: Asker): NodeId | undefined;
  parent(node: NodeId): NodeId;
  list(directory: NodeId, asker: Asker): string[];
  readlink(node: NodeId, asker: Asker): string;
  magic(node: NodeId, asker: Asker): OpenFile | undefined;
  open(node: NodeId, flags: number, asker: Asker): OpenFile;
  create(): NodeId;
  link(): void;
  unlink(): void;
  rmdir(): void;
  rename(): void;
  setAttributes(): void;
}
