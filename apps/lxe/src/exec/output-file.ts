/**
 * What a command writes to one of its streams: a file on the host. LXD's own way, a websocket, was seen to lose the whole
 * output of short commands; a file loses nothing, and nobody who holds it open keeps us waiting.
 */

import type { Clock, Timer } from "../platform/clock.ts";
import type { FileOwner, HostFile, HostFiles } from "../platform/host-files.ts";

export interface OutputFileOptions {
  readonly files: HostFiles;
  readonly clock: Clock;
  readonly path: string;
  readonly owner: FileOwner | undefined;
  /** What is kept; the rest is thrown away while it is written. */
  readonly maxBytes: number;
}

const TRIM_MS = 1000;
const FILE_MODE = 0o600;
/** Most commands write less, and one read shows it. They have written it just now. */
const SHORT_BYTES = 16 * 1024;

export class OutputFile implements AsyncDisposable {
  readonly #options: OutputFileOptions;
  readonly #file: HostFile;
  #timer: Timer | undefined;
  #trimming: Promise<void> = Promise.resolve();

  static async create(options: OutputFileOptions): Promise<OutputFile> {
    const { files, path, owner } = options;
    return new OutputFile(options, await files.openNewForAppending(path, { mode: FILE_MODE, owner }));
  }

  private constructor(options: OutputFileOptions, file: HostFile) {
    this.#options = options;
    this.#file = file;
    this.#schedule();
  }

  /** All that is kept. */
  async content(): Promise<Buffer> {
    const { maxBytes } = this.#options;
    const beginning = Buffer.alloc(Math.min(SHORT_BYTES, maxBytes));
    let length = this.#file.readNow(beginning, 0);
    if (length < beginning.length) return beginning.subarray(0, length);
    const { sizeBytes } = await this.#file.stat();
    const kept = Buffer.alloc(Math.max(length, Math.min(sizeBytes, maxBytes)));
    beginning.copy(kept);
    while (length < kept.length) {
      const count = await this.#file.read(kept.subarray(length), length);
      if (count === 0) break;
      length += count;
    }
    return kept.subarray(0, length);
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#trimming = this.#trim().then(() => this.#schedule());
    }, TRIM_MS);
  }

  /** Gives the blocks behind what is kept back to the disk; a disk that cannot do that keeps them until the command ends. */
  async #trim(): Promise<void> {
    const { maxBytes } = this.#options;
    const { sizeBytes } = await this.#file.stat();
    if (sizeBytes > maxBytes) await this.#file.punchHole(maxBytes, sizeBytes - maxBytes).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel();
    await this.#trimming;
    this.#timer?.cancel();
    await this.#file.close();
    await this.#options.files.removeFile(this.#options.path);
  }
}
