/**
 * What a command writes to one of its streams: a file on the host. LXD's own way, a websocket, was seen to lose the whole
 * output of short commands; a file loses nothing, and nobody who holds it open keeps us waiting.
 */

import type { Clock, Timer } from "../platform/clock.ts";
import type { HostFile, HostFiles } from "../platform/host-files.ts";

export interface OutputFileOptions {
  readonly files: HostFiles;
  readonly clock: Clock;
  readonly path: string;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** What is kept; the rest is thrown away while it is written. */
  readonly maxBytes: number;
}

const TRIM_MS = 1000;

export class OutputFile implements AsyncDisposable {
  readonly #options: OutputFileOptions;
  readonly #file: HostFile;
  #timer: Timer | undefined;
  #trimming: Promise<void> = Promise.resolve();

  static async create(options: OutputFileOptions): Promise<OutputFile> {
    const { files, path, owner } = options;
    await files.writeFile(path, "", { mode: 0o600, ...(owner && { owner }) });
    return new OutputFile(options, await files.openForAppending(path, 0o600));
  }

  private constructor(options: OutputFileOptions, file: HostFile) {
    this.#options = options;
    this.#file = file;
    this.#schedule();
  }

  /** All that is kept. */
  async content(): Promise<Buffer> {
    const { sizeBytes } = await this.#file.stat();
    const kept = Buffer.alloc(Math.min(sizeBytes, this.#options.maxBytes));
    let length = 0;
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
    await this.#options.files.removeTree(this.#options.path);
  }
}
