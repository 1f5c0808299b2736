/** Abort signals: what error they become, and sleeping that they end. */
import type { Clock } from "../clock.ts";
import { LxdError } from "../errors.ts";

/** The error of a call whose signal has aborted. `cause` replaces the signal's reason where something says more. */
export function abortError(signal: AbortSignal, request: string | undefined, cause: unknown = signal.reason): LxdError {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name === "TimeoutError") {
    return new LxdError("timeout", `${request ?? "call"}: timed out`, { request, cause });
  }
  return new LxdError("cancelled", `${request ?? "call"}: cancelled`, { request, cause });
}

export function throwIfAborted(signal: AbortSignal | undefined, request: string): void {
  if (signal?.aborted) throw abortError(signal, request);
}

/** Resolves after `delayMs`, or early when the signal aborts: look at the signal then. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancelTimer();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancelTimer = clock.setTimeout(done, delayMs);
    signal?.addEventListener("abort", done);
  });
}

/** Calls back when the signal aborts, at once if it has; the returned function ends that. */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    callback();
    return () => {};
  }
  signal.addEventListener("abort", callback, { once: true });
  return () => signal.removeEventListener("abort", callback);
}
