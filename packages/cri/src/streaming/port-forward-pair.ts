/** One forwarded connection, above any transport. */

import type { ChannelStream } from "./channel-stream.ts";
import { failureText } from "./command-status.ts";
import type { PortForwardPair, PortForwardSession } from "./session.ts";
import { endWritable } from "./writable-end.ts";

/** A port-forward client, on some transport. */
export interface PortForwardTransport {
  session: PortForwardSession;
  /** Aborts when the client goes away before `close`. */
  signal: AbortSignal;
  /** Ends the connection once all is sent; resolves when it has ended. */
  close(): Promise<void>;
  destroy(reason: Error): void;
}

export class ChannelPair implements PortForwardPair {
  readonly port: number;
  readonly data: ChannelStream;
  readonly error: ChannelStream;
  readonly #onFinish: () => void;
  #finished: Promise<void> | undefined;

  constructor(port: number, data: ChannelStream, error: ChannelStream, onFinish: () => void = () => {}) {
    this.port = port;
    this.data = data;
    this.error = error;
    this.#onFinish = onFinish;
    error.discard();
  }

  finish(failure?: unknown): Promise<void> {
    this.#finished ??= this.#finish(failure).finally(this.#onFinish);
    return this.#finished;
  }

  async #finish(failure: unknown): Promise<void> {
    if (failure === undefined) await Promise.all([endWritable(this.data), endWritable(this.error)]);
    else await this.#fail(failure);
    // A stream that has ended is not reset by this; it takes no more, though.
    this.data.destroy();
    this.error.destroy();
  }

  async #fail(failure: unknown): Promise<void> {
    if (!this.error.destroyed) this.error.write(failureText(failure));
    await endWritable(this.error);
  }
}
