/** Waiting for a condition, instead of for a time. */
import { setTimeout as delay } from "node:timers/promises";

export interface EventuallyOptions {
  /** Default 30 s: far longer than anything here takes, so that a slow machine fails no scenario. */
  timeoutMs?: number;
  intervalMs?: number;
}

/**
 * Reads until `holds` accepts the value, and gives that value. Rejects with the last value seen, or the last error that
 * `read` threw.
 */
export async function eventually<T>(
  what: string,
  read: () => Promise<T> | T,
  holds: (value: T) => boolean,
  { timeoutMs = 30_000, intervalMs = 25 }: EventuallyOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const attempt = await settle(read);
    if ("value" in attempt && holds(attempt.value)) return attempt.value;
    if (performance.now() > deadline) throw gaveUp(what, timeoutMs, attempt);
    await delay(intervalMs);
  }
}

type Attempt<T> = { value: T } | { error: unknown };

async function settle<T>(read: () => Promise<T> | T): Promise<Attempt<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    return { error };
  }
}

function gaveUp(what: string, timeoutMs: number, last: Attempt<unknown>): Error {
  const message = `after ${timeoutMs} ms it was not so that ${what}`;
  if ("error" in last) return new Error(message, { cause: last.error });
  return new Error(`${message}; last seen: ${printable(last.value)}`);
}

function printable(value: unknown): string {
  const asText =
    typeof value === "string" ? value : JSON.stringify(value, (_key, v) => (typeof v === "bigint" ? `${v}n` : v));
  return asText === undefined ? String(value) : asText.slice(0, 2000);
}
