/** An open file of the host. Appends and truncation are the host kernel's own, so whoever tails the file sees what Linux would show. */
import fs from "node:fs";
import { Errno } from "../core/errno.ts";
import { O_APPEND, OpenFile, type Sleeper } from "../core/open-file.ts";
import { attempt } from "./attempt.ts";
import type { HostFs } from "./host-fs.ts";
import type { Stat } from "./types.ts";

export class HostFile extends OpenFile {
  readonly #fs: HostFs;
  readonly #fd: number;
  #offset = 0;

  constructor(hostFs: HostFs, fd: number, flags: number) {
    super(flags);
    this.#fs = hostFs;
    this.#fd = fd;
  }

  async read(_sleeper: Sleeper, max: number): Promise<Buffer> {
    const buffer = Buffer.alloc(max);
    const count = attempt(() => fs.readSync(this.#fd, buffer, 0, max, this.#offset));
    this.#offset += count;
    return buffer.subarray(0, count);
  }

  async write(_sleeper: Sleeper, data: Buffer): Promise<number> {
    if (this.flags & O_APPEND) {
      const count = attempt(() => fs.writeSync(this.#fd, data));
      this.#offset = attempt(() => fs.fstatSync(this.#fd)).size;
      return count;
    }
    const count = attempt(() => fs.writeSync(this.#fd, data, 0, data.length, this.#offset));
    this.#offset += count;
    return count;
  }

  stat(): Stat {
    return this.#fs.convert(attempt(() => fs.fstatSync(this.#fd)));
  }

  override seek(offset: number, whence: "set" | "current" | "end"): number {
    const base =
      whence === "set" ? 0 : whence === "current" ? this.#offset : attempt(() => fs.fstatSync(this.#fd)).size;
    if (base + offset < 0) throw new Errno("EINVAL");
    this.#offset = base + offset;
    return this.#offset;
  }

  override truncate(size: number): void {
    attempt(() => fs.ftruncateSync(this.#fd, size));
  }

  protected override onLastClose(): void {
    fs.closeSync(this.#fd);
  }
}
