/** One end of a byte stream of the host, read and written by a guest. */
import type { Duplex } from "node:stream";
import { Errno } from "../core/errno.ts";
import type { Sleeper } from "../core/open-file.ts";
import { WaitQueue } from "../core/wait-queue.ts";

export class StreamChannel {
  readonly #stream: Duplex;
  readonly changed: WaitQueue = new WaitQueue();
  #rest: Buffer | undefined;
  #reading = true;

  constructor(stream: Duplex) {
    this.#stream = stream;
    for (const event of ["readable", "end", "close", "error", "drain"]) stream.on(event, () => this.changed.wake());
  }

  read(sleeper: Sleeper, max: number): Promise<Buffer> {
    return sleeper.block(this.changed, () => this.#take(max));
  }

  async write(sleeper: Sleeper, data: Buffer): Promise<number> {
    await sleeper.block(this.changed, () => {
      if (this.#stream.destroyed || this.#stream.writableEnded) throw new Errno("EPIPE");
      return this.#stream.writableNeedDrain ? undefined : true;
    });
    this.#stream.write(Buffer.from(data));
    return data.length;
  }

  /** Whether a read would not wait. */
  hasInput(): boolean {
    this.#rest ??= this.#received();
    return this.#rest !== undefined || this.#atEnd;
  }

  /** Nothing more will be read. */
  shutdownRead(): void {
    this.#reading = false;
    this.#stream.resume();
    this.changed.wake();
  }

  /** No more writing; reading goes on. */
  shutdownWrite(): void {
    this.#stream.end();
  }

  /** What was written still reaches the peer, then it sees the end. */
  close(): void {
    this.#stream.end();
    this.#stream.resume();
  }

  get #atEnd(): boolean {
    return !this.#reading || this.#stream.readableEnded || this.#stream.destroyed;
  }

  #received(): Buffer | undefined {
    const chunk = this.#reading ? (this.#stream.read() as Uint8Array | null) : null;
    return chunk === null ? undefined : Buffer.from(chunk);
  }

  #take(max: number): Buffer | undefined {
    const bytes = this.#rest ?? this.#received();
    this.#rest = undefined;
    if (bytes === undefined) return this.#atEnd ? Buffer.alloc(0) : undefined;
    if (bytes.length > max) this.#rest = bytes.subarray(max);
    return bytes.subarray(0, max);
  }
}
