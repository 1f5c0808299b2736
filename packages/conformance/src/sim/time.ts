/** Virtual time for everything in a simulation: it moves only when nothing can run any more. */
import { createManualClock, type Clock, type ManualClock, type Timer } from "lxe";
import type { Clock as FakeClock } from "@lxe/fake-lxd";

const NS_PER_US = 1000;
const US_PER_MS = 1000;
const NS_PER_MS = 1_000_000;
/** 2026-01-01. */
const START_US = 1_767_225_600_000 * US_PER_MS;
const START_NS = BigInt(START_US) * BigInt(NS_PER_US);
/** Between two looks at the clock, so that what happens later has a later time. */
const TICK_NS = 1000;
const STEPS_PER_TURN = 64;

class FakeTimer implements Disposable {
  readonly #timer: Timer;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }
}

export class VirtualTime {
  readonly #manual: ManualClock = createManualClock(START_NS);
  /** Of the last look, since the start. */
  #lastNs = 0;

  /** For lxe. */
  readonly clock: Clock = {
    nowNs: () => START_NS + BigInt(this.#nextNs()),
    monotonicMs: () => this.#manual.monotonicMs(),
    setTimeout: (run, delayMs) => this.#manual.setTimeout(run, delayMs),
    sleep: (delayMs, signal) => this.#manual.sleep(delayMs, signal),
  };

  /** For fake-lxd. */
  readonly fakeClock: FakeClock = {
    now: () => (START_US + Math.floor(this.#nextNs() / NS_PER_US)) / US_PER_MS,
    setTimer: (delayMs, callback) => new FakeTimer(this.#manual.setTimeout(callback, delayMs)),
    yield: (callback) => void this.#manual.setTimeout(callback, 0),
  };

  /** Milliseconds since the start. */
  get elapsedMs(): number {
    return this.#manual.monotonicMs();
  }

  sleep(delayMs: number): Promise<void> {
    return this.#manual.sleep(delayMs);
  }

  /** Since the start. */
  #nextNs(): number {
    const now = Math.round(this.#manual.monotonicMs() * NS_PER_MS);
    this.#lastNs = now > this.#lastNs ? now : this.#lastNs + TICK_NS;
    return this.#lastNs;
  }

  /**
   * Lets everything run that can, then the next timer, and so on until the promise is settled. Between two macrotasks Node empties the
   * queues of promises and ticks: also between those of one turn of its loop, and a turn takes longer than most timers do.
   */
  drive<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let settled = false;
      let over = false;
      const mark = (): void => {
        settled = true;
      };
      promise.then(mark, mark);
      let left = 0;
      const turn = (): void => {
        left = STEPS_PER_TURN;
        for (let step = 0; step < STEPS_PER_TURN; step++) setImmediate(next);
      };
      const end = (): void => {
        over = true;
        resolve(promise);
      };
      const fail = (error: unknown): void => {
        over = true;
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const next = (): void => {
        left -= 1;
        if (over) return;
        if (settled) return end();
        try {
          if (!this.#manual.runNext())
            return fail(new Error("the simulation stands still: nothing can run and no timer is pending"));
        } catch (error) {
          return fail(error);
        }
        if (left === 0) turn();
      };
      turn();
    });
  }
}
