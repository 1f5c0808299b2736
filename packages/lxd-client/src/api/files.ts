import type { Readable } from "node:stream";
import type { CallOptions } from "./options.ts";

export interface FileOwner {
  uid: number;
  gid: number;
  /** Permission bits, e.g. 0o644. */
  mode: number;
}

export interface InstanceFile extends FileOwner {
  type: "file";
  /** Must be read to its end, or destroyed. */
  content: Readable;
}

export interface InstanceDirectory extends FileOwner {
  type: "directory";
  /** Names, without `.` and `..`. */
  entries: string[];
}

export interface InstanceSymlink extends FileOwner {
  type: "symlink";
  target: string;
}

export type InstanceFileEntry = InstanceFile | InstanceDirectory | InstanceSymlink;

/** Owner and mode count only when the file is created, not when it is overwritten. */
export interface FilePut extends Partial<FileOwner> {
  /** Default `file`. A directory has no content; a symlink's content is its target. */
  type?: "file" | "directory" | "symlink" | undefined;
  content?: string | Uint8Array | Readable | undefined;
  append?: boolean | undefined;
}

/** Files inside an instance, running or stopped. Paths are absolute. */
export interface FilesApi {
  get(instance: string, path: string, options?: CallOptions): Promise<InstanceFileEntry>;
  /** Names in a directory; `invalid` if it is none. */
  list(instance: string, path: string, options?: CallOptions): Promise<string[]>;
  put(instance: string, path: string, file: FilePut, options?: CallOptions): Promise<void>;
  delete(instance: string, path: string, options?: CallOptions): Promise<void>;
}
