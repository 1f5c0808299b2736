/**
 * The CRI log file, open for appending. Owns that it only ever holds complete records: what a full disk or a crash tore
 * is cut off before anything else is written.
 */
import type { HostFile } from "../platform/host-files.ts";

const NEWLINE = 0x0a;

/** `resized`: offsets counted from its records are void. `removed`: it has no name any more, nobody will read it. */
export type LogFileState = "untouched" | "resized" | "removed";

export class LogFile {
  readonly inode: bigint;
  readonly #file: HostFile;
  /** The file's size as far as it holds complete records. */
  #sizeBytes: number;
  /** Something torn may lie behind `#sizeBytes`. */
  #torn = false;

  private constructor(file: HostFile, inode: bigint, sizeBytes: number) {
    this.#file = file;
    this.inode = inode;
    this.#sizeBytes = sizeBytes;
  }

  /** Takes over `file`. */
  static async of(file: HostFile): Promise<LogFile> {
    try {
      const { inode, sizeBytes } = await file.stat();
      return new LogFile(file, inode, sizeBytes);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Reads up to `bytesMax` bytes from `position`. */
  async read(position: number, bytesMax: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(bytesMax);
    return buffer.subarray(0, await this.#file.read(buffer, position));
  }

  /** Cuts the file off. */
  async truncate(sizeBytes: number): Promise<void> {
    await this.#file.truncate(sizeBytes);
    this.#sizeBytes = sizeBytes;
  }

  /** Makes the file fit to be appended to, and tells what others did to it since the last time. */
  async prepare(): Promise<LogFileState> {
    if (this.#torn) {
      await this.#file.truncate(this.#sizeBytes);
      this.#torn = false;
    }
    const { links, sizeBytes } = await this.#file.stat();
    if (links === 0) return "removed";
    if (sizeBytes === this.#sizeBytes) return "untouched";
    this.#sizeBytes = sizeBytes;
    return "resized";
  }

  /**
   * Appends complete records by one write. Returns how many bytes of complete records are in the file afterwards;
   * fewer than given when the disk became full.
   */
  async append(records: Buffer): Promise<number> {
    this.#torn = true;
    const writtenBytes = await this.#file.write(records);
    const keptBytes = records.subarray(0, writtenBytes).lastIndexOf(NEWLINE) + 1;
    this.#sizeBytes += keptBytes;
    this.#torn = keptBytes !== writtenBytes;
    return keptBytes;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
