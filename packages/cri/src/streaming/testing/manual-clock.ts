/** A clock that tests move. */

import type { StreamingClock } from "../clock.ts";

interface Alarm {
  atMs: number;
  run: () => void;
}

export class ManualClock implements StreamingClock {
  #nowMs = 0;
  readonly #alarms = new Set<Alarm>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimeout(run: () => void, delayMs: number): { cancel(): void } {
    const alarm = { atMs: this.#nowMs + delayMs, run };
    this.#alarms.add(alarm);
    return { cancel: () => this.#alarms.delete(alarm) };
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#alarms.size;
  }

  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#alarms.delete(next);
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = untilMs;
  }

  #next(untilMs: number): Alarm | undefined {
    return [...this.#alarms].filter((alarm) => alarm.atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
  }
}
