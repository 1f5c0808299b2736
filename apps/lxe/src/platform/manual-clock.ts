/** A clock that stands still until it is told to advance: for tests and simulations. */
import type { Clock, Timer } from "./clock.ts";
import { sleepOn } from "./clock.ts";

const NS_PER_MS = 1_000_000;

interface PendingTimer {
  readonly dueMs: number;
  readonly run: () => void;
}

export interface ManualClock extends Clock {
  /** Moves time on by `ms` and runs, in order of time, all timers that become due, also those started meanwhile. */
  advance(ms: number): void;
  /** Milliseconds until the next timer is due; undefined when there is none. */
  nextTimerMs(): number | undefined;
}

export function createManualClock(startNs: bigint = 1_700_000_000_000_000_000n): ManualClock {
  let elapsedMs = 0;
  const timers = new Set<PendingTimer>();

  function nextTimer(): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of timers) if (next === undefined || timer.dueMs < next.dueMs) next = timer;
    return next;
  }

  function startTimer(run: () => void, delayMs: number): Timer {
    const timer = { dueMs: elapsedMs + Math.max(0, delayMs), run };
    timers.add(timer);
    return { cancel: () => void timers.delete(timer) };
  }

  function advance(ms: number): void {
    const endMs = elapsedMs + ms;
    for (let next = nextTimer(); next !== undefined && next.dueMs <= endMs; next = nextTimer()) {
      elapsedMs = next.dueMs;
      timers.delete(next);
      next.run();
    }
    elapsedMs = endMs;
  }

  return {
    nowNs: () => startNs + BigInt(Math.round(elapsedMs * NS_PER_MS)),
    monotonicMs: () => elapsedMs,
    setTimeout: startTimer,
    sleep: (delayMs, signal) => sleepOn({ setTimeout: startTimer }, delayMs, signal),
    advance,
    nextTimerMs: () => {
      const next = nextTimer();
      return next === undefined ? undefined : next.dueMs - elapsedMs;
    },
  };
}
