/** What every file system of the guest kernel offers. Calls are synchronous: none of them waits for another process. */
import type { OpenFile } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";

export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;

export type FileType = "file" | "directory" | "symlink" | "character-device" | "block-device" | "fifo" | "socket";

const typeBits: Record<FileType, number> = {
  file: S_IFREG,
  directory: S_IFDIR,
  symlink: S_IFLNK,
  "character-device": S_IFCHR,
  "block-device": S_IFBLK,
  fifo: S_IFIFO,
  socket: S_IFSOCK,
};

export function modeOf(type: FileType, permissions: number): number {
  return typeBits[type] | (permissions & 0o7777);
}

export function typeOf(mode: number): FileType {
  const bits = mode & S_IFMT;
  for (const [type, value] of Object.entries(typeBits)) if (value === bits) return type as FileType;
  return "file";
}

/** What decides who may do what with a file. */
export interface Rights {
  /** Type and permission bits. */
  mode: number;
  /** Ids as the guest sees them. */
  uid: number;
  gid: number;
  /** The owner has no id in the guest: not even the guest's root has power over it. */
  foreign?: boolean;
}

export interface Stat extends Rights {
  dev: number;
  ino: number;
  nlink: number;
  /** major * 256 + minor. */
  rdev: number;
  size: number;
  mtimeMs: number;
  ctimeMs: number;
  atimeMs: number;
}

export function anonymousStat(type: FileType, ino: number): Stat {
  const times = { mtimeMs: 0, ctimeMs: 0, atimeMs: 0 };
  return { dev: 0, ino, mode: modeOf(type, 0o600), nlink: 1, uid: 0, gid: 0, rdev: 0, size: 0, ...times };
}

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
  /** A part of that, as it is now: asked for each component of each path. */
  rights(node: NodeId, asker: Asker): Readonly<Rights>;
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
  space?(): { totalBytes: number; usedBytes: number };
}
