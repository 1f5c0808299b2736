/**
 * Open file descriptions: what file descriptors point at, shared by dup and fork. Counted by the descriptor tables that hold
 * them; `release` runs when the last is gone.
 */
import type { Location } from "../vfs/mount.ts";
import type { Stat } from "../vfs/types.ts";
import type { Tty } from "./tty.ts";
import { Errno } from "./errno.ts";
import type { WaitQueue } from "./wait-queue.ts";

export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_ACCMODE = 3;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_DIRECTORY = 0o200000;
export const O_NOFOLLOW = 0o400000;
export const O_CLOEXEC = 0o2000000;

/** Somebody who can sleep: a process. Throws when it is interrupted or killed meanwhile. */
export interface Sleeper {
  /** Repeats `attempt` until it gives something, sleeping on the queue in between. */
  block<T>(queue: WaitQueue, attempt: () => T | undefined): Promise<T>;
}

export abstract class OpenFile {
  /** O_* as given to open, without those that only matter there. */
  flags: number;
  /** Where it was opened; absent for pipes, sockets and what came from the host. */
  location: Location | undefined;
  #references = 0;

  constructor(flags: number) {
    this.flags = flags;
  }

  get readable(): boolean {
    return (this.flags & O_ACCMODE) !== O_WRONLY;
  }

  get writable(): boolean {
    return (this.flags & O_ACCMODE) !== 0;
  }

  get tty(): Tty | undefined {
    return undefined;
  }

  /** Up to `max` bytes; empty at the end of the file. */
  abstract read(sleeper: Sleeper, max: number): Promise<Buffer>;

  /** Returns how many bytes were taken, at least one. EPIPE when nobody will ever read. */
  abstract write(sleeper: Sleeper, data: Buffer): Promise<number>;

  abstract stat(): Stat;

  seek(_offset: number, _whence: "set" | "current" | "end"): number {
    throw new Errno("ESPIPE");
  }

  truncate(_size: number): void {
    throw new Errno("EINVAL");
  }

  /** Text behind /proc/<pid>/fd/<n>. */
  describe(): string {
    return this.location?.path ?? "anon_inode:[file]";
  }

  /** A new description of the same thing, for /proc/<pid>/fd/<n> of what has no path. */
  reopen(_flags: number): OpenFile {
    throw new Errno("ENXIO");
  }

  acquire(): this {
    this.#references++;
    return this;
  }

  release(): void {
    if (--this.#references === 0) this.onLastClose();
  }

  protected onLastClose(): void {}
}
