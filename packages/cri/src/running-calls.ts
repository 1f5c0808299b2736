/**
 * Which calls are being answered, so that a server can close: unary calls are waited for, streams, which may be endless, are
 * told to end.
 */

import type { CriError } from "./errors.ts";

export interface RunningCall {
  stream: boolean;
  abort(reason: CriError): void;
  /** Settles when the handler has returned, which may be after its caller has left. Never rejects. */
  ended: Promise<void>;
}

export class RunningCalls {
  readonly #calls = new Set<RunningCall>();
  #closing: CriError | undefined;

  add(call: RunningCall): void {
    this.#calls.add(call);
    void call.ended.then(() => this.#calls.delete(call));
    if (this.#closing !== undefined && call.stream) call.abort(this.#closing);
  }

  /** Ends the streams, those to come too. */
  abortStreams(reason: CriError): void {
    this.#closing = reason;
    for (const call of this.#calls) if (call.stream) call.abort(reason);
  }

  abortAll(reason: CriError): void {
    this.#closing = reason;
    for (const call of this.#calls) call.abort(reason);
  }

  async idle(): Promise<void> {
    while (this.#calls.size > 0) await Promise.all([...this.#calls].map((call) => call.ended));
  }
}
