/** What every file system of the guest kernel offers. Calls are synchronous: none of them waits for another process. */
import type { OpenFile } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";
export declare const S_IFMT = 61440;
export declare const S_IFSOCK = 49152;
export declare const S_IFLNK = 40960;
export declare const S_IFREG = 32768;
export declare const S_IFBLK = 24576;
export declare const S_IFDIR = 16384;
export declare const S_IFCHR = 8192;
export declare const S_IFIFO = 4096;
export type FileType = "file" | "directory" | "symlink" | "character-device" | "block-device" | "fifo" | "socket";
export declare function modeOf(type: FileType, permissions: number): number;
export declare function typeOf(mode: number): FileType;
export interface Stat {
  dev: number;
  ino: number;
  /** Type and permission bits. */
  mode: number;
  nlink: number;
  /** Ids as the guest sees them. */
  uid: number;
  gid: number;
  /** The owner has no id in the guest: not even the guest's root has power over it. */
  foreign?: boolean;
  /** major * 256 + minor. */
  rdev: number;
  size: number;
  mtimeMs: number;
  ctimeMs: number;
  atimeMs: number;
}
export declare function anonymousStat(type: FileType, ino: number): Stat;
/** How a file system names its files: inode numbers or paths. */
export type NodeId = number | string;
export interface Attributes {
  mode?: number;
  uid?: number;
  gid?: number;
  mtimeMs?: number;
}
export interface NewNode {
  type: FileType;
  mode: number;
  uid: number;
  gid: number;
  /** Of a symlink. */
  target?: string;
  /** Of a device. */
  rdev?: number;
}
/** Who asks: what /proc/self is and what /dev/tty means depend on it. Absent for the host. */
export type Asker = Process | undefined;
export interface FileSystem {
  /** As in /proc/mounts. */
  readonly type: string;
  readonly readonly: boolean;
  stat(node: NodeId, asker: Asker): Stat;
  /** Undefined when there is no such entry. */
  lookup(directory: NodeId, name: string, asker: Asker): NodeId | undefined;
  parent(node: NodeId): NodeId;
  /** Without `.` and `..`, in no order. */
  list(directory: NodeId, asker: Asker): string[];
  readlink(node: NodeId, asker: Asker): string;
  create(directory: NodeId, name: string, what: NewNode): NodeId;
  link(directory: NodeId, name: string, node: NodeId): void;
  unlink(directory: NodeId, name: string): void;
  rmdir(directory: NodeId, name: string): void;
  rename(from: NodeId, fromName: string, to: NodeId, toName: string): void;
  setAttributes(node: NodeId, attributes: Attributes): void;
  /** Opens a file that exists; permissions were checked. Devices and fifos without a kernel object are the caller's job. */
  open(node: NodeId, flags: number, asker: Asker): OpenFile;
  /** What a link of /proc leads to when it is more than its text. */
  magic?(node: NodeId, asker: Asker): OpenFile | undefined;
  /** The host's path, where there is one. */
  hostPath?(node: NodeId): string;
  /** In bytes; undefined: as large as the machine's disk. */
  space?(): {
    totalBytes: number;
    usedBytes: number;
  };
}
