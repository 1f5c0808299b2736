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
}
