/** Requests that wait for their client. A token is the client's only credential: hard to guess, short-lived, good for one use. */

import { ResourceExhaustedError } from "../errors.ts";
import type { StreamingClock, StreamingRandom } from "./clock.ts";
import { tokenBytes, tokensPendingMax, tokenTtlMs } from "./limits.ts";

interface Pending<T> {
  value: T;
  expiresAtMs: number;
}

export class Tokens<T> {
  readonly #clock: StreamingClock;
  readonly #random: StreamingRandom;
  /** In the order of expiry: all live equally long. */
  readonly #pending = new Map<string, Pending<T>>();

  constructor(clock: StreamingClock, random: StreamingRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Throws ResourceExhaustedError when 1000 are pending. */
  issue(value: T): string {
    this.#expire();
    if (this.#pending.size >= tokensPendingMax) {
      throw new ResourceExhaustedError(`${tokensPendingMax} streaming requests wait for their client already`);
    }
    const token = this.#unused();
    this.#pending.set(token, { value, expiresAtMs: this.#clock.monotonicMs() + tokenTtlMs });
    return token;
  }

  /** `undefined` for a token that was never issued, has expired, or was redeemed before. */
  redeem(token: string): T | undefined {
    this.#expire();
    const pending = this.#pending.get(token);
    this.#pending.delete(token);
    return pending?.value;
  }

  clear(): void {
    this.#pending.clear();
  }

  #unused(): string {
    while (true) {
      const token = this.#random.bytes(tokenBytes).toString("base64url");
      if (!this.#pending.has(token)) return token;
    }
  }

  #expire(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [token, { expiresAtMs }] of this.#pending) {
      if (expiresAtMs > nowMs) return;
      this.#pending.delete(token);
    }
  }
}
