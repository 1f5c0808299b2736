/** A clock that stands still until it is told to advance: for tests and simulations. */
import type { Clock, Timer } from "./clock.ts";
import { sleepOn } from "./clock.ts";
import { TimerHeap } from "./timer-heap.ts";

const NS_PER_MS = 1_000_000;

export interface ManualClock extends Clock {
  /** Moves time on by `ms` and runs, in order of time, all timers that become due, also those started meanwhile. */
  advance(ms: number): void;
  /** Milliseconds until the next timer is due; undefined when there is none. */
  nextTimerMs(): number | undefined;
  /** Moves time on to the next timer and runs that one only; false when there is none. */
  runNext(): boolean;
}

export function createManualClock(startNs: bigint = 1_700_000_000_000_000_000n): ManualClock {
  let elapsedMs = 0;
  const timers = new TimerHeap();

  function startTimer(run: () => void, delayMs: number): Timer {
    return timers.add(elapsedMs + Math.max(0, delayMs), run);
  }

  function runNext(): boolean {
    const next = timers.takeFirst();
    if (next === undefined) return false;
    elapsedMs = Math.max(elapsedMs, next.dueMs);
    next.run();
    return true;
  }

  function advance(ms: number): void {
    const endMs = elapsedMs + ms;
    for (let next = timers.first(); next !== undefined && next.dueMs <= endMs; next = timers.first()) runNext();
    elapsedMs = endMs;
  }

  return {
    nowNs: () => startNs + BigInt(Math.round(elapsedMs * NS_PER_MS)),
    monotonicMs: () => elapsedMs,
    setTimeout: startTimer,
    sleep: (delayMs, signal) => sleepOn({ setTimeout: startTimer }, delayMs, signal),
    advance,
    nextTimerMs: () => {
      const next = timers.first();
      return next === undefined ? undefined : next.dueMs - elapsedMs;
    },
    runNext,
  };
}
