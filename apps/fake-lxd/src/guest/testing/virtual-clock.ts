/** Time for tests: it stands still while anything can run, then jumps to the next timer. */
import type { Clock } from "../../platform/types.ts";

/** Enough for a pipeline of guests to come to rest. */
const roundsPerStep = 200;

interface Timer {
  at: number;
  order: number;
  callback: () => void;
}

export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs = Date.UTC(2026, 10, 22)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  yield(callback: () => void): void {
    setImmediate(callback);
  }

  setTimer(delayMs: number, callback: () => void): Disposable {
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** Runs timers in their order until the promise is settled. Only for work that ends by timers and its own doing. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    const state = { settled: false };
    const mark = () => {
      state.settled = true;
    };
    promise.then(mark, mark);
    while (!state.settled) {
      await turns();
      if (!state.settled) this.#fireNext();
    }
    return promise;
  }

  /** Runs all timers that are due within so much time. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await turns();
      const next = this.#next();
      if (!next || next.at > until) break;
      this.#fireNext();
    }
    this.#now = until;
    await turns();
  }

  #next(): Timer | undefined {
    return [...this.#timers].toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
  }

  #fireNext(): void {
    const next = this.#next();
    if (!next) return;
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, next.at);
    next.callback();
  }
}

/** Lets everything that can run do so: several rounds of the event loop. */
async function turns(): Promise<void> {
  for (let round = 0; round < roundsPerStep; round++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
