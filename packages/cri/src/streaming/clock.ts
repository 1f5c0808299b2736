/** Time and randomness as the streaming server needs them; whoever composes it may replace both. */

import { randomBytes } from "node:crypto";

export interface StreamingClock {
  /** Milliseconds from some fixed point; never goes back. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`, unless cancelled. */
  setTimeout(run: () => void, delayMs: number): { cancel(): void };
}

export interface StreamingRandom {
  /** Must not be guessable: tokens are made of it. */
  bytes(count: number): Buffer;
}

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: StreamingClock = {
  monotonicMs: () => performance.now(),
  setTimeout: (run, delayMs) => {
    const timer = setTimeout(run, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

export const systemRandom: StreamingRandom = { bytes: randomBytes };
