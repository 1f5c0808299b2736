/** Values pushed on one side, iterated on the other. */

export class Feed<T> implements AsyncIterable<T> {
  readonly #keepMax: number;
  readonly #dropped: (value: T) => void;
  #values: T[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  /** Holds at most `keepMax` values that nobody has taken; the oldest is dropped. */
  constructor(keepMax: number, dropped: (value: T) => void = () => {}) {
    this.#keepMax = keepMax;
    this.#dropped = dropped;
  }

  push(value: T): void {
    if (this.#ended) {
      this.#dropped(value);
      return;
    }
    this.#values.push(value);
    if (this.#values.length > this.#keepMax) this.#drop(1);
    this.#wake?.();
  }

  /** What is there can still be taken. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      while (true) {
        const value = this.#values.shift();
        if (value !== undefined) yield value;
        else if (this.#ended) return;
        else await this.#more();
      }
    } finally {
      this.#ended = true;
      this.#drop(this.#values.length);
    }
  }

  #drop(count: number): void {
    for (const value of this.#values.splice(0, count)) this.#dropped(value);
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
