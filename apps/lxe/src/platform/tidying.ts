/** Removes what answered calls leave: their callers need not wait for that, but the end of lxe does. */

import type { Clock, Timer } from "./clock.ts";
import type { Logger } from "./logger.ts";

/** The answer goes out first: each file that is closed or removed wakes a thread, which wants a processor. */
const AFTER_MS = 10;

export class Tidying {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #waiting = new Map<AsyncDisposable, Timer>();
  readonly #running = new Set<Promise<void>>();

  constructor({ clock, log }: { clock: Clock; log: Logger }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** To be disposed of soon. Returns at once. */
  leave(left: AsyncDisposable): void {
    this.#waiting.set(
      left,
      this.#clock.setTimeout(() => this.#begin(left), AFTER_MS),
    );
  }

  #begin(left: AsyncDisposable): void {
    this.#waiting.delete(left);
    const running = this.#dispose(left).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #dispose(left: AsyncDisposable): Promise<void> {
    try {
      await left[Symbol.asyncDispose]();
    } catch (error) {
      this.#log.warn({ err: error }, "something could not be removed; the next start of lxe looks for it");
    }
  }

  /** Resolves when nothing is left. Does not wait for the time to come. */
  async finish(): Promise<void> {
    while (this.#waiting.size + this.#running.size > 0) {
      for (const [left, timer] of this.#waiting) {
        timer.cancel();
        this.#begin(left);
      }
      await Promise.all(this.#running);
    }
  }
}
