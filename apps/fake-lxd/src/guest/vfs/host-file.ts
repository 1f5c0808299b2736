/** An open file of the host. Appends and truncation are the host kernel's own, so whoever tails the file sees what Linux would show. */
import { Errno } from "../core/errno.ts";
import { O_APPEND, OpenFile, type Sleeper } from "../core/open-file.ts";
import type { HostHandle } from "../../platform/types.ts";
import { attempt } from "./attempt.ts";
import type { HostFs } from "./host-fs.ts";
import type { Stat } from "./types.ts";

export class HostFile extends OpenFile {
  readonly #fs: HostFs;
  readonly #handle: HostHandle;
  #offset = 0;

  constructor(hostFs: HostFs, handle: HostHandle, flags: number) {
    super(flags);
    this.#fs = hostFs;
    this.#handle = handle;
  }

  async read(_sleeper: Sleeper, max: number): Promise<Buffer> {
    const buffer = Buffer.alloc(max);
    const count = attempt(() => this.#handle.read(buffer, this.#offset));
    this.#offset += count;
    return buffer.subarray(0, count);
  }

  async write(_sleeper: Sleeper, data: Buffer): Promise<number> {
    if (this.flags & O_APPEND) {
      const count = attempt(() => this.#handle.write(data, null));
      this.#offset = attempt(() => this.#handle.stat()).size;
      return count;
    }
    const count = attempt(() => this.#handle.write(data, this.#offset));
    this.#offset += count;
    return count;
  }

  stat(): Stat {
    return this.#fs.convert(attempt(() => this.#handle.stat()));
  }

  override seek(offset: number, whence: "set" | "current" | "end"): number {
    const base = whence === "set" ? 0 : whence === "current" ? this.#offset : attempt(() => this.#handle.stat()).size;
    if (base + offset < 0) throw new Errno("EINVAL");
    this.#offset = base + offset;
    return this.#offset;
  }

  override truncate(size: number): void {
    attempt(() => this.#handle.truncate(size));
  }

  protected override onLastClose(): void {
    this.#handle.close();
  }
}
