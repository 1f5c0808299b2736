/** Notices that something which reports progress has gone silent. */
import type { Clock } from "../platform/clock.ts";

export interface StallGuard extends Disposable {
  /** Aborts when nothing was reported for the time allowed. */
  readonly signal: AbortSignal;
  progress(): void;
}

export function createStallGuard(clock: Pick<Clock, "setTimeout">, allowedMs: number): StallGuard {
  const controller = new AbortController();
  const start = () => clock.setTimeout(() => controller.abort(), allowedMs);
  let timer = start();
  return {
    signal: controller.signal,
    progress: () => {
      timer.cancel();
      timer = start();
    },
    [Symbol.dispose]: () => timer.cancel(),
  };
}
