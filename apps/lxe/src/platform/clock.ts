/**
 * Time, as all of lxe sees it. Nothing else in lxe reads a clock or starts a timer, so a simulation that replaces the
 * clock owns all of lxe's time.
 */

/** A timer that has been started and can be ended; ending it twice is harmless. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall time in nanoseconds since the epoch. Follows the host's clock, also backwards. */
  nowNs(): bigint;
  /** Milliseconds from some fixed point; never goes back. For durations and deadlines. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`. A pending timer does not keep the process alive. */
  setTimeout(run: () => void, delayMs: number): Timer;
  /** Resolves after `delayMs`; rejects with the signal's reason as soon as it aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** `sleep` for any clock that has timers. */
export function sleepOn(clock: Pick<Clock, "setTimeout">, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
