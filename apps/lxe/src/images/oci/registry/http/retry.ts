/** Tries again what failed for the moment. */
import type { Clock } from "../../../../platform/clock.ts";
import type { Random } from "../../../../platform/random.ts";
import type { OciLimits } from "../../limits.ts";
import { TransientError } from "./transient.ts";

export interface RetryDeps {
  readonly clock: Pick<Clock, "sleep">;
  readonly random: Pick<Random, "float">;
  readonly limits: Pick<OciLimits, "attemptsMax" | "retryMsMin" | "retryMsMax">;
}

/** Does `work` until it succeeds, fails for good, or has failed too often for the moment. */
export async function retry<Value>(deps: RetryDeps, signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransientError) || attempt >= deps.limits.attemptsMax) throw error;
      await pause(deps, attempt, error.retryAfterMs, signal);
    }
  }
}

/** Longer after each failure, and never for two clients the same. */
export async function pause(
  { clock, random, limits }: RetryDeps,
  attempt: number,
  retryAfterMs: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const longest = Math.min(limits.retryMsMax, limits.retryMsMin * 2 ** (attempt - 1));
  const ownMs = longest * (0.5 + random.float() / 2);
  await clock.sleep(Math.max(ownMs, Math.min(retryAfterMs ?? 0, limits.retryMsMax)), signal);
}
