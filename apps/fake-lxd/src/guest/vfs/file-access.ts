/** A `FileView`: the host at work on a guest's files, with root's rights. */
import { fromBytes, toBytes } from "../core/bytes.ts";
import { Errno } from "../core/errno.ts";
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY, type OpenFile, type Sleeper } from "../core/open-file.ts";
import {
  type Actor,
  chmod,
  chown,
  lstat,
  mkdir,
  openNow,
  readdir,
  readlink,
  rmdir,
  symlink,
  unlink,
} from "../sys/files.ts";
import type { FileAttributes, FileStat, FileView } from "../types.ts";
import { S_IFDIR, S_IFMT, typeOf } from "./types.ts";

const chunkBytes = 1024 * 1024;

/** Files that never make their reader wait. */
const awake: Sleeper = {
  async block(_queue, attempt) {
    const result = attempt();
    if (result === undefined) throw new Errno("EAGAIN");
    return result;
  },
};

export class FileAccess implements FileView {
  readonly #actor: Actor;

  constructor(actor: Actor) {
    this.#actor = actor;
  }

  async lstat(path: string): Promise<FileStat | null> {
    try {
      const { mode, uid, gid, size, mtimeMs } = lstat(this.#actor, toBytes(path));
      return { type: typeOf(mode), mode: mode & 0o7777, uid, gid, sizeBytes: size, mtimeMs };
    } catch (error) {
      if (error instanceof Errno && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
      throw error;
    }
  }

  async readFile(path: string): Promise<Uint8Array> {
    return this.#with(path, 0, 0, async (file) => {
      const chunks: Buffer[] = [];
      for (;;) {
        const chunk = await file.read(awake, chunkBytes);
        if (chunk.length === 0) return Buffer.concat(chunks);
        chunks.push(chunk);
      }
    });
  }

  async readLink(path: string): Promise<string> {
    return fromBytes(readlink(this.#actor, toBytes(path)));
  }

  async list(path: string): Promise<string[]> {
    return readdir(this.#actor, toBytes(path)).map(fromBytes);
  }

  async writeFile(path: string, data: Uint8Array, options: FileAttributes & { append?: boolean }): Promise<void> {
    const isNew = (await this.lstat(path)) === null;
    const flags = O_WRONLY | O_CREAT | (options.append ? O_APPEND : O_TRUNC);
    await this.#with(path, flags, options.mode, async (file) => {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      for (let done = 0; done < bytes.length; ) done += await file.write(awake, bytes.subarray(done));
    });
    if (isNew) this.#own(path, options);
  }

  async mkdir(path: string, options: FileAttributes): Promise<void> {
    mkdir(this.#actor, toBytes(path), options.mode);
    this.#own(path, options);
  }

  async symlink(target: string, path: string, { uid, gid }: Pick<FileAttributes, "uid" | "gid">): Promise<void> {
    symlink(this.#actor, toBytes(target), toBytes(path));
    chown(this.#actor, toBytes(path), uid, gid, false);
  }

  async remove(path: string): Promise<void> {
    const raw = toBytes(path);
    if ((lstat(this.#actor, raw).mode & S_IFMT) === S_IFDIR) rmdir(this.#actor, raw);
    else unlink(this.#actor, raw);
  }

  async setAttributes(path: string, { mode, uid, gid }: Partial<FileAttributes>): Promise<void> {
    const raw = toBytes(path);
    if (uid !== undefined || gid !== undefined) chown(this.#actor, raw, uid, gid);
    if (mode !== undefined) chmod(this.#actor, raw, mode);
  }

  #own(path: string, { mode, uid, gid }: FileAttributes): void {
    chown(this.#actor, toBytes(path), uid, gid);
    chmod(this.#actor, toBytes(path), mode);
  }

  async #with<T>(path: string, flags: number, mode: number, work: (file: OpenFile) => Promise<T>): Promise<T> {
    const file = openNow(this.#actor, toBytes(path), flags, mode).acquire();
    try {
      return await work(file);
    } finally {
      file.release();
    }
  }
}
