/**
 * Which calls are being answered, so that a server can close: unary calls are waited for, streams, which may be endless, are
 * told to end.
 */

import type { CriError } from "./errors.ts";

export interface RunningCall {
  readonly isStream: boolean;
  abort(reason: CriError): void;
}

/** A call is in it until its handler has returned, which may be after its caller has left. */
export class RunningCalls {
  readonly #calls = new Set<RunningCall>();
  #closing: CriError | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  add(call: RunningCall): void {
    this.#calls.add(call);
    if (this.#closing !== undefined && call.isStream) call.abort(this.#closing);
  }

  delete(call: RunningCall): void {
    this.#calls.delete(call);
    if (this.#calls.size > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** Ends the streams, those to come too. */
  abortStreams(reason: CriError): void {
    this.#closing = reason;
    for (const call of this.#calls) if (call.isStream) call.abort(reason);
  }

  abortAll(reason: CriError): void {
    this.#closing = reason;
    for (const call of this.#calls) call.abort(reason);
  }

  /** Resolves once no call is being answered. */
  async idle(): Promise<void> {
    if (this.#calls.size === 0) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }
}
