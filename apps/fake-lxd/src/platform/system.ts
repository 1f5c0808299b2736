/** The real clock and real chance. The only file of this package that touches Date, timers or unseeded randomness. */
import { randomInt } from "node:crypto";
import type { Clock } from "./types.ts";

let last = 0;

/** Wall clock, strictly increasing within the process so that timestamps sort as things happened. */
function now(): number {
  const fraction = Number(process.hrtime.bigint() % 1_000_000n) / 1e6;
  last = Math.max(Date.now() + fraction, last + 0.001);
  return last;
}

export const systemClock: Clock = {
  now,
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
  yield: (callback) => void setImmediate(callback),
};

/** A seed for a run that was not given one. */
export function freshSeed(): number {
  return randomInt(2 ** 31);
}
