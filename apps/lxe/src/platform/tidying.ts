/** Removes what answered calls leave: their callers need not wait for that, but the end of lxe does. */

import type { Logger } from "./logger.ts";

export class Tidying {
  readonly #log: Logger;
  readonly #running = new Set<Promise<void>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Begins to dispose of it. Returns at once. */
  begin(left: AsyncDisposable): void {
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

  /** Resolves when all that was begun is done. */
  async finished(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
