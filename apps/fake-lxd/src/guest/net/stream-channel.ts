/** One end of a byte stream of the host, read and written by a guest. */
import type { Duplex } from "node:stream";
import { Errno } from "../core/errno.ts";
import type { Sleeper } from "../core/open-file.ts";
import { WaitQueue } from "../core/wait-queue.ts";

export class StreamChannel {
  readonly #stream: Duplex;
  readonly #changed = new WaitQueue();
  #rest: Buffer | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    for (const event of ["readable", "end", "close", "error", "drain"]) stream.on(event, () => this.#changed.wake());
  }

  read(sleeper: Sleeper, max: number): Promise<Buffer> {
    return sleeper.block(this.#changed, () => this.#take(max));
  }

  async write(sleeper: Sleeper, data: Buffer): Promise<number> {
    await sleeper.block(this.#changed, () => {
      if (this.#stream.destroyed || this.#stream.writableEnded) throw new Errno("EPIPE");
      return this.#stream.writableNeedDrain ? undefined : true;
    });
    this.#stream.write(Buffer.from(data));
    return data.length;
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

  #take(max: number): Buffer | undefined {
    const chunk = this.#rest ?? (this.#stream.read() as Uint8Array | null);
    this.#rest = undefined;
    if (chunk === null) return this.#stream.readableEnded || this.#stream.destroyed ? Buffer.alloc(0) : undefined;
    const bytes = Buffer.from(chunk);
    if (bytes.length > max) this.#rest = bytes.subarray(max);
    return bytes.subarray(0, max);
  }
}
