import type { Clock } from "./types.ts";

export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(delayMs, resolve));
}

/** The promise's value, or `timeout` when it has not settled after `delayMs`. */
export async function withTimeout<T, F>(
  clock: Clock,
  delayMs: number,
  promise: Promise<T>,
  timeout: F,
): Promise<T | F> {
  const { promise: late, resolve } = Promise.withResolvers<F>();
  using _timer = clock.setTimer(delayMs, () => resolve(timeout));
  return await Promise.race([promise, late]);
}
