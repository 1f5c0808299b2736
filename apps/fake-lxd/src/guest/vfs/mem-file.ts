/** An open file (or directory) of a `MemFs`. */
import { Errno } from "../core/errno.ts";
import { O_APPEND, OpenFile, type Sleeper } from "../core/open-file.ts";
import type { Inode } from "./inode-table.ts";
import type { MemFs } from "./mem-fs.ts";
import type { Stat } from "./types.ts";

export class MemFile extends OpenFile {
  readonly #fs: MemFs;
  readonly #ino: number;
  #offset = 0;

  constructor(fs: MemFs, ino: number, flags: number) {
    super(flags);
    this.#fs = fs;
    this.#ino = ino;
  }

  async read(_sleeper: Sleeper, max: number): Promise<Buffer> {
    const inode = this.#fs.get(this.#ino);
    if (inode.entries) throw new Errno("EISDIR");
    const end = Math.min(inode.size, this.#offset + max);
    if (!inode.data || end <= this.#offset) return Buffer.alloc(0);
    const bytes = Buffer.from(inode.data.subarray(this.#offset, end));
    this.#offset = end;
    return bytes;
  }

  async write(_sleeper: Sleeper, data: Buffer): Promise<number> {
    const inode = this.#fs.own(this.#ino);
    if (this.flags & O_APPEND) this.#offset = inode.size;
    const end = this.#offset + data.length;
    this.#resize(inode, Math.max(inode.size, end));
    if (inode.data) data.copy(inode.data, this.#offset);
    this.#offset = end;
    inode.mtimeMs = inode.ctimeMs = this.#fs.now();
    return data.length;
  }

  stat(): Stat {
    return this.#fs.stat(this.#ino);
  }

  override seek(offset: number, whence: "set" | "current" | "end"): number {
    const base = whence === "set" ? 0 : whence === "current" ? this.#offset : this.#fs.get(this.#ino).size;
    if (base + offset < 0) throw new Errno("EINVAL");
    this.#offset = base + offset;
    return this.#offset;
  }

  override truncate(size: number): void {
    const inode = this.#fs.own(this.#ino);
    if (inode.entries) throw new Errno("EISDIR");
    this.#resize(inode, size);
    inode.mtimeMs = inode.ctimeMs = this.#fs.now();
  }

  protected override onLastClose(): void {
    this.#fs.closed(this.#ino);
  }

  /** Makes `data` ours, large enough and zero behind the old end. */
  #resize(inode: Inode, size: number): void {
    this.#fs.account(size - inode.size);
    const old = inode.data;
    if (!old || inode.dataShared || old.length < size) {
      const room = old && !inode.dataShared ? Math.max(size, old.length * 2) : size;
      const grown = Buffer.alloc(room);
      old?.copy(grown, 0, 0, Math.min(inode.size, size));
      inode.data = grown;
      inode.dataShared = false;
    } else if (size < inode.size) {
      old.fill(0, size, inode.size);
    }
    inode.size = size;
  }
}
