/** Virtual time for everything in a simulation: it moves only when nothing can run any more. */
import { createManualClock, type Clock, type ManualClock } from "lxe";
import type { Clock as FakeClock } from "@lxe/fake-lxd";

const NS_PER_MS = 1_000_000n;
/** 2026-01-01. */
const START_NS = 1_767_225_600_000n * NS_PER_MS;
/** Between two looks at the clock, so that what happens later has a later time. */
const TICK_NS = 1000n;

export class VirtualTime {
  readonly #manual: ManualClock = createManualClock(START_NS);
  #lastNs = START_NS;

  /** For lxe. */
  readonly clock: Clock = {
    nowNs: () => this.#nowNs(),
    monotonicMs: () => this.#manual.monotonicMs(),
    setTimeout: (run, delayMs) => this.#manual.setTimeout(run, delayMs),
    sleep: (delayMs, signal) => this.#manual.sleep(delayMs, signal),
  };

  /** For fake-lxd. */
  readonly fakeClock: FakeClock = {
    now: () => Number(this.#nowNs() / 1000n) / 1000,
    setTimer: (delayMs, callback) => {
      const timer = this.#manual.setTimeout(callback, delayMs);
      return { [Symbol.dispose]: () => timer.cancel() };
    },
    yield: (callback) => void this.#manual.setTimeout(callback, 0),
  };

  /** Milliseconds since the start. */
  get elapsedMs(): number {
    return this.#manual.monotonicMs();
  }

  sleep(delayMs: number): Promise<void> {
    return this.#manual.sleep(delayMs);
  }

  #nowNs(): bigint {
    const now = this.#manual.nowNs();
    this.#lastNs = now > this.#lastNs ? now : this.#lastNs + TICK_NS;
    return this.#lastNs;
  }

  /** Lets everything run that can, then the next timer, and so on until the promise is settled. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    promise.then(mark, mark);
    for (;;) {
      await drained();
      if (settled) return promise;
      if (!this.#manual.runNext())
        throw new Error("the simulation stands still: nothing can run and no timer is pending");
    }
  }
}

/** Between two macrotasks Node empties the queues of promises and ticks. */
function drained(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
