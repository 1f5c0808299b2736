/**
 * One of the two files that an app writes its output to. Owns the position in it and notices when the app truncated
 * it; gives consumed blocks back. Trusts neither content nor kind of the file: the app can replace it.
 */
import type { FileInfo, HostFile, HostFiles } from "../platform/host-files.ts";
import type { Position } from "./position.ts";
import { advance, START } from "./position.ts";

const BLOCK_BYTES = 4096;

export interface OutputChunk {
  /** Not consumed yet; begins at the position. */
  readonly bytes: Buffer;
  /** There was more in the file than fitted. */
  readonly more: boolean;
  /** The app truncated the file: the position is its beginning again. */
  readonly restarted: boolean;
}

const NOTHING: OutputChunk = { bytes: Buffer.alloc(0), more: false, restarted: false };

export class OutputSource {
  readonly #files: HostFiles;
  readonly #path: string;
  #file: HostFile | undefined;
  #position: Position = START;
  #punchedTo = 0;
  #punching = false;

  constructor(files: HostFiles, path: string) {
    this.#files = files;
    this.#path = path;
  }

  get position(): Position {
    return this.#position;
  }

  moveTo(position: Position): void {
    this.#position = position;
    this.#punchedTo = 0;
  }

  /** Moves to the end of what is there. */
  async moveToEnd(): Promise<void> {
    const file = await this.#open();
    if (file !== undefined) this.moveTo({ offset: (await file.stat()).sizeBytes, recent: START.recent });
  }

  /** Reads on from the position, at most `bytesMax`; does not move it. */
  async read(bytesMax: number): Promise<OutputChunk> {
    const file = await this.#open();
    if (file === undefined) return NOTHING;
    const info = await file.stat();
    if (info.sizeBytes < this.#position.offset) return this.#restart(file, info, bytesMax);
    const { offset, recent } = this.#position;
    const buffer = Buffer.allocUnsafe(recent.length + Math.min(bytesMax, info.sizeBytes - offset));
    const seen = buffer.subarray(0, await file.read(buffer, offset - recent.length));
    if (!seen.subarray(0, recent.length).equals(recent)) return this.#restart(file, info, bytesMax);
    const bytes = seen.subarray(recent.length);
    return { bytes, more: offset + bytes.length < info.sizeBytes && bytes.length > 0, restarted: false };
  }

  /** Moves the position behind `bytes`, the beginning of the chunk read last. */
  consume(bytes: Buffer): void {
    this.#position = advance(this.#position, bytes);
  }

  /** Is it worth giving blocks back? Then {@link punch} does some. */
  isPunchDue(stepBytes: number): boolean {
    return this.#file !== undefined && !this.#punching && this.#punchableEnd() - this.#punchedTo >= stepBytes;
  }

  /**
   * Gives the blocks before the position back. If the app truncates the file at this very moment, what it writes in
   * the same place may read as zeros; nothing but a lock could prevent that.
   */
  async punch(): Promise<void> {
    const start = this.#punchedTo;
    const end = this.#punchableEnd();
    this.#punching = true;
    this.#punchedTo = end;
    try {
      await this.#file?.punchHole(start, end - start);
    } finally {
      this.#punching = false;
    }
  }

  /** Whole blocks, and not the recent bytes. */
  #punchableEnd(): number {
    const { offset, recent } = this.#position;
    return Math.floor((offset - recent.length) / BLOCK_BYTES) * BLOCK_BYTES;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #open(): Promise<HostFile | undefined> {
    this.#file ??= await this.#files.openForReading(this.#path);
    return this.#file;
  }

  async #restart(file: HostFile, info: FileInfo, bytesMax: number): Promise<OutputChunk> {
    this.moveTo(START);
    const buffer = Buffer.allocUnsafe(Math.min(bytesMax, info.sizeBytes));
    const bytes = buffer.subarray(0, await file.read(buffer, 0));
    return { bytes, more: bytes.length < info.sizeBytes && bytes.length > 0, restarted: true };
  }
}
