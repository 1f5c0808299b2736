/** Joins calls for one key that happen at the same time into one. */
export class SingleFlight<T> {
  readonly #running = new Map<string, Promise<T>>();

  run(key: string, action: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (running) return running;
    const started = action().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }

  /** Keys that calls are running for. */
  keys(): string[] {
    return [...this.#running.keys()];
  }

  /** Resolves when no call for the key is running, however it ends. */
  async ended(key: string): Promise<void> {
    await Promise.allSettled([this.#running.get(key)]);
  }
}
