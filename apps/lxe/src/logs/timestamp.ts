/** RFC 3339 with nine digits of a second in UTC, as Kubernetes reads it in container logs. */

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;
const MS_PER_MINUTE = 60_000;
const SECOND_DIGITS = 9;
const SECONDS_END = "2024-01-01T00:00:00".length;

const PATTERN = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))$/u;

/** `ns`: nanoseconds since the epoch, from year 1970 to 9999. */
export function formatTimestamp(ns: bigint): string {
  const seconds = new Date(Number(ns / NS_PER_MS)).toISOString().slice(0, SECONDS_END);
  return `${seconds}.${String(ns % NS_PER_SECOND).padStart(SECOND_DIGITS, "0")}Z`;
}

/** Nanoseconds since the epoch; undefined if the text is no RFC 3339 time. Takes any offset, and fewer digits. */
export function parseTimestamp(text: string): bigint | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, seconds, fraction = "", sign, hours = "0", minutes = "0"] = match;
  const ms = Date.parse(`${seconds}Z`);
  if (Number.isNaN(ms)) return undefined;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * MS_PER_MINUTE * (sign === "-" ? -1 : 1);
  return BigInt(ms - offsetMs) * NS_PER_MS + BigInt(fraction.padEnd(SECOND_DIGITS, "0"));
}
