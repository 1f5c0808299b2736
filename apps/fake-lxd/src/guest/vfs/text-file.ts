/** An open file whose whole content was made when it was opened: /proc and /sys. */
import { toBuffer } from "../core/bytes.ts";
import { Errno } from "../core/errno.ts";
import { OpenFile, type Sleeper } from "../core/open-file.ts";
import type { Stat } from "./types.ts";

export class TextFile extends OpenFile {
  readonly #content: Buffer;
  readonly #stat: Stat;
  readonly #onWrite: ((data: Buffer) => void) | undefined;
  #offset = 0;

  constructor(content: string, stat: Stat, flags: number, onWrite?: (data: Buffer) => void) {
    super(flags);
    this.#content = toBuffer(content);
    this.#stat = stat;
    this.#onWrite = onWrite;
  }

  async read(_sleeper: Sleeper, max: number): Promise<Buffer> {
    const bytes = this.#content.subarray(this.#offset, this.#offset + max);
    this.#offset += bytes.length;
    return bytes;
  }

  async write(_sleeper: Sleeper, data: Buffer): Promise<number> {
    if (!this.#onWrite) throw new Errno("EINVAL");
    this.#onWrite(data);
    return data.length;
  }

  stat(): Stat {
    return this.#stat;
  }

  override seek(offset: number, whence: "set" | "current" | "end"): number {
    const base = whence === "set" ? 0 : whence === "current" ? this.#offset : this.#content.length;
    this.#offset = Math.max(0, base + offset);
    return this.#offset;
  }

  override truncate(): void {}
}
