/** A clock that jumps to the next timer whenever nothing else happens, or stands still until it is told to move. */
import type { Clock } from "../platform/types.ts";

interface Timer {
  atMs: number;
  callback: () => void;
}

export class VirtualClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 1);
  #timers: Timer[] = [];
  #isHeld = false;
  #isScheduled = false;

  now(): number {
    this.#nowMs += 0.001;
    return this.#nowMs;
  }

  yield(callback: () => void): void {
    setImmediate(callback);
  }

  setTimer(delayMs: number, callback: () => void): Disposable {
    const timer: Timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    // Only short waits pass by themselves: what is kept for seconds stays for the test to see.
    if (delayMs < 1_000) this.#schedule();
    return {
      [Symbol.dispose]: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** From now on time passes only by `advance`. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Runs everything that is due until then, in order. */
  advance(milliseconds: number): void {
    const end = this.#nowMs + milliseconds;
    for (;;) {
      const [next] = this.#timers.filter((timer) => timer.atMs <= end).toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = end;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isHeld) this.advance(1_000);
    });
  }
}
