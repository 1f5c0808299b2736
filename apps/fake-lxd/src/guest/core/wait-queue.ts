/** Those who wait until something changes. A waker must be cheap and must not throw. */
export class WaitQueue {
  #waiters: Set<() => void> | undefined;

  add(wake: () => void): void {
    this.#waiters ??= new Set();
    this.#waiters.add(wake);
  }

  remove(wake: () => void): void {
    this.#waiters?.delete(wake);
  }

  /** Wakes everybody; each looks again whether its condition holds now. */
  wake(): void {
    const waiters = this.#waiters;
    if (!waiters || waiters.size === 0) return;
    this.#waiters = undefined;
    for (const waiter of waiters) waiter();
  }
}
