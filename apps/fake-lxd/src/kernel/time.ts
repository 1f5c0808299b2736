/** Times as Go prints them: RFC 3339 with up to nine decimals, trailing zeros left out, always UTC here. */

/** Go's zero time. */
export const zeroTime = "0001-01-01T00:00:00Z";
/** What LXD 5.0 shows for "never" where its database holds a zero. */
export const epochTime = "1970-01-01T00:00:00Z";

/** Most times are of the same second, or at least minute, as the one before. */
let last = { minute: Number.NaN, second: Number.NaN, minuteText: "", text: "" };

function upToSeconds(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second === last.second) return last.text;
  const minute = Math.floor(second / 60);
  const minuteText = minute === last.minute ? last.minuteText : new Date(milliseconds).toISOString().slice(0, 17);
  last = { minute, second, minuteText, text: minuteText + String(second - minute * 60).padStart(2, "0") };
  return last.text;
}

/** Three digits each: every event has a time. */
const THOUSANDTHS = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, "0"));
const digits = (number: number): string => THOUSANDTHS[number] ?? "";
/** The same, without zeros at the end. */
const LAST = THOUSANDTHS.map((text) => text.replace(/0+$/, ""));
const lastDigits = (number: number): string => LAST[number] ?? "";

const nanosecondsOf = (milliseconds: number): number => Math.floor((milliseconds % 1000) * 1e6);

export function formatTime(milliseconds: number): string {
  const seconds = upToSeconds(milliseconds);
  const nanoseconds = nanosecondsOf(milliseconds);
  if (nanoseconds === 0) return `${seconds}Z`;
  const ms = Math.floor(nanoseconds / 1e6);
  const us = Math.floor(nanoseconds / 1000) % 1000;
  const ns = nanoseconds % 1000;
  if (ns > 0) return `${seconds}.${digits(ms)}${digits(us)}${lastDigits(ns)}Z`;
  return us > 0 ? `${seconds}.${digits(ms)}${lastDigits(us)}Z` : `${seconds}.${lastDigits(ms)}Z`;
}

/** The stamp of liblxc's log lines: YYYYMMDDHHMMSS, and the first three digits of the nanoseconds, whose leading zeros it leaves out. */
export function logTime(milliseconds: number): string {
  const seconds = upToSeconds(milliseconds);
  return `${seconds.replaceAll(/[-:T]/g, "")}.${String(nanosecondsOf(milliseconds)).slice(0, 3)}`;
}
