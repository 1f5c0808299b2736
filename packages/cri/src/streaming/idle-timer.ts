/** Notices that nothing has moved for long. Movement is frequent, so it costs no timer. */

import type { StreamingClock } from "./clock.ts";

export class IdleTimer {
  readonly #clock: StreamingClock;
  readonly #timeoutMs: number;
  readonly #expired: () => void;
  #movedAtMs: number;
  #timer: { cancel(): void };

  constructor(clock: StreamingClock, timeoutMs: number, expired: () => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#expired = expired;
    this.#movedAtMs = clock.monotonicMs();
    this.#timer = clock.setTimeout(() => this.#check(), timeoutMs);
  }

  moved(): void {
    this.#movedAtMs = this.#clock.monotonicMs();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #check(): void {
    const leftMs = this.#movedAtMs + this.#timeoutMs - this.#clock.monotonicMs();
    if (leftMs <= 0) this.#expired();
    else this.#timer = this.#clock.setTimeout(() => this.#check(), leftMs);
  }
}
