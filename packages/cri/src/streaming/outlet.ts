/** The writing side of a connection that several streams share: one that is full makes all of them wait. */

import type { Writable } from "node:stream";

type Sent = (error?: Error | null) => void;

export class Outlet {
  readonly #transport: Writable;
  #waiting: Sent[] = [];

  constructor(transport: Writable) {
    this.#transport = transport;
    transport.on("drain", () => this.#release());
  }

  /** Writes in one go. Calls `sent` when more may be written. */
  write(chunks: readonly Buffer[], sent: Sent): void {
    const transport = this.#transport;
    transport.cork();
    for (const chunk of chunks) transport.write(chunk);
    transport.uncork();
    // what the kernel took at once does not count, however much it was
    if (transport.writableLength < transport.writableHighWaterMark) sent();
    else this.#waiting.push(sent);
  }

  #release(): void {
    const released = this.#waiting;
    this.#waiting = [];
    for (const sent of released) sent();
  }
}
