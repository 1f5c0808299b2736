/**
 * Open file descriptions: what file descriptors point at, shared by dup and fork. Counted by the descriptor tables that hold
 * them; `release` runs when the last is gone.
 */
import type { Location } from "../vfs/mount.ts";
import type { Stat } from "../vfs/types.ts";
import type { Tty } from "./tty.ts";
import type { WaitQueue } from "./wait-queue.ts";
export declare const O_WRONLY = 1;
export declare const O_RDWR = 2;
export declare const O_ACCMODE = 3;
export declare const O_CREAT = 64;
export declare const O_EXCL = 128;
export declare const O_NOCTTY = 256;
export declare const O_TRUNC = 512;
export declare const O_APPEND = 1024;
export declare const O_NONBLOCK = 2048;
export declare const O_DIRECTORY = 65536;
export declare const O_NOFOLLOW = 131072;
export declare const O_CLOEXEC = 524288;
/** Somebody who can sleep: a process. Throws when it is interrupted or killed meanwhile. */
export interface Sleeper {
  /** Repeats `attempt` until it gives something, sleeping on the queue in between. */
  block<T>(queue: WaitQueue, attempt: () => T | undefined): Promise<T>;
}
export declare abstract class OpenFile {
  #private;
  /** O_* as given to open, without those that only matter there. */
  flags: number;
  /** Where it was opened; absent for pipes, sockets and what came from the host. */
  location: Location | undefined;
  constructor(flags: number);
  get readable(): boolean;
  get writable(): boolean;
  get tty(): Tty | undefined;
  /** Up to `max` bytes; empty at the end of the file. */
  abstract read(sleeper: Sleeper, max: number): Promise<Buffer>;
  /** Returns how many bytes were taken, at least one. EPIPE when nobody will ever read. */
  abstract write(sleeper: Sleeper, data: Buffer): Promise<number>;
  abstract stat(): Stat;
  seek(_offset: number, _whence: "set" | "current" | "end"): number;
  truncate(_size: number): void;
  /** Text behind /proc/<pid>/fd/<n>. */
  describe(): string;
  /** A new description of the same thing, for /proc/<pid>/fd/<n> of what has no path. */
  reopen(_flags: number): OpenFile;
  acquire(): this;
  release(): void;
  protected onLastClose(): void;
}
