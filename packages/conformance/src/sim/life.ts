/**
 * One life of the lxe process. Everything that lxe does outside of its own memory passes a boundary here. A kill is the end of the life
 * at such a boundary: what waits there never goes on, as if its process were gone, and what was asked for already happens all the same.
 */

export type OnBoundary = (life: Life, when: "before" | "after", what: string) => void;

export class Life {
  readonly #onBoundary: OnBoundary;
  readonly #endings = new Set<() => void>();
  #alive = true;

  /** `onBoundary` is told what comes next, and may kill. */
  constructor(onBoundary: OnBoundary) {
    this.#onBoundary = onBoundary;
  }

  get alive(): boolean {
    return this.#alive;
  }

  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const end of this.#endings) end();
    this.#endings.clear();
  }

  /** Runs at the end; the returned function takes that back. */
  onEnd(end: () => void): () => void {
    this.#endings.add(end);
    return () => this.#endings.delete(end);
  }

  /** Does it, unless the life ends just before; the result is lost if it ends meanwhile or just after. */
  pass<T>(what: string, action: () => T | Promise<T>): Promise<T> {
    if (this.#alive) this.#onBoundary(this, "before", what);
    if (!this.#alive) return never();
    try {
      const result = action();
      return result instanceof Promise ? this.#passLater(what, result) : this.#passed(what, result);
    } catch (error) {
      return this.#alive ? Promise.reject(error instanceof Error ? error : new Error(String(error))) : never();
    }
  }

  async #passLater<T>(what: string, promise: Promise<T>): Promise<T> {
    try {
      return await this.#passed(what, await promise);
    } catch (error) {
      if (!this.#alive) return never();
      throw error;
    }
  }

  #passed<T>(what: string, result: T): Promise<T> {
    if (this.#alive) this.#onBoundary(this, "after", what);
    return this.#alive ? Promise.resolve(result) : never();
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
