/**
 * What the fake takes from the machine it runs on: time, chance, and the host's files and unix sockets, which guests reach through
 * bind mounts. Everything else in this package asks these, so that a simulation can run it on virtual time from one seed.
 *
 * Not here: the sources of disk devices and the listeners of proxy devices; those are the real host's.
 */
import type { Duplex } from "node:stream";

export interface Clock {
  /** Milliseconds since the epoch; fractions allowed. */
  now(): number;
  /** Runs `callback` once after `delayMs`; disposing the timer first means never. */
  setTimer(delayMs: number, callback: () => void): Disposable;
  /** Runs `callback` when all else that is ready had its turn. */
  yield(callback: () => void): void;
}

export interface Random {
  /** A float in [0, 1). */
  next(): number;
}

/** As in node:fs, as far as guests can see it. */
export interface HostStat {
  dev: number;
  ino: number;
  /** Type and permission bits. */
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  /** As Linux encodes it. */
  rdev: number;
  size: number;
  mtimeMs: number;
  ctimeMs: number;
  atimeMs: number;
}

/** An open file. */
export interface HostHandle {
  /** How many bytes there were from `position` on; 0 at the end. */
  read(buffer: Uint8Array, position: number): number;
  /** `position` null: at the end, for a file that was opened with O_APPEND. */
  write(data: Uint8Array, position: number | null): number;
  stat(): HostStat;
  truncate(size: number): void;
  close(): void;
}

/**
 * Calls are synchronous and never follow a symlink at the end of a path, but for `realpath`. Errors have Node's `code`. Paths are
 * byte strings: each character is one byte.
 */
export interface Host {
  lstat(path: string): HostStat;
  list(path: string): string[];
  readlink(path: string): string;
  realpath(path: string): string;
  mkdir(path: string, mode: number): void;
  symlink(target: string, path: string): void;
  /** EEXIST when something is there. */
  createFile(path: string, mode: number): void;
  link(existing: string, path: string): void;
  unlink(path: string): void;
  rmdir(path: string): void;
  rename(from: string, to: string): void;
  /** -1 leaves an id as it is. */
  chown(path: string, uid: number, gid: number): void;
  chmod(path: string, mode: number): void;
  setTime(path: string, mtimeMs: number): void;
  /** `flags` as for open(2). */
  open(path: string, flags: number): HostHandle;
  /** To whoever listens on a unix socket. */
  connect(path: string): Promise<Duplex>;
  /** Makes a unix socket and listens on it; disposing ends that. EADDRINUSE when something is there. */
  listen(path: string, onConnection: (socket: Duplex) => void): Promise<Disposable>;
}
