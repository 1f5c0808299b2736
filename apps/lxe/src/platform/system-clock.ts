/** The host's clocks and timers. */
import type { Clock, Timer } from "./clock.ts";
import { sleepOn } from "./clock.ts";

const NS_PER_MS = 1_000_000n;
const TIMER_MS_MAX = 2 ** 31 - 1;
const DRIFT_NS_MAX = 2n * NS_PER_MS;

/** `Date.now()` has milliseconds only: the monotonic clock supplies the digits below, until the two disagree. */
function createWallClock(): () => bigint {
  let offsetNs = BigInt(Date.now()) * NS_PER_MS - process.hrtime.bigint();
  return () => {
    const coarseNs = BigInt(Date.now()) * NS_PER_MS;
    const fineNs = process.hrtime.bigint() + offsetNs;
    const driftNs = fineNs - coarseNs;
    if (driftNs > -DRIFT_NS_MAX && driftNs < DRIFT_NS_MAX) return fineNs;
    offsetNs += coarseNs - fineNs;
    return coarseNs;
  };
}

function startTimer(run: () => void, delayMs: number): Timer {
  // a longer delay would be taken for none
  const rest = delayMs - TIMER_MS_MAX;
  let timer: Timer | undefined;
  const current = setTimeout(
    () => {
      if (rest > 0) timer = startTimer(run, rest);
      else run();
    },
    Math.min(delayMs, TIMER_MS_MAX),
  );
  current.unref();
  return {
    cancel: () => {
      clearTimeout(current);
      timer?.cancel();
    },
  };
}

/** The clock of a real process. */
export function createSystemClock(): Clock {
  return {
    nowNs: createWallClock(),
    monotonicMs: () => performance.now(),
    setTimeout: startTimer,
    sleep: (delayMs, signal) => sleepOn({ setTimeout: startTimer }, delayMs, signal),
  };
}
