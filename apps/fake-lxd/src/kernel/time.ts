/** Times as Go prints them: RFC 3339 with up to nine decimals, trailing zeros left out, always UTC here. */

/** Go's zero time. */
export const zeroTime = "0001-01-01T00:00:00Z";
/** What LXD 5.0 shows for "never" where its database holds a zero. */
export const epochTime = "1970-01-01T00:00:00Z";

/** Most times are of the same second as the one before. */
let last = { second: Number.NaN, text: "" };

function upToSeconds(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== last.second) last = { second, text: new Date(milliseconds).toISOString().slice(0, 19) };
  return last.text;
}

export function formatTime(milliseconds: number): string {
  const seconds = upToSeconds(milliseconds);
  const nanoseconds = Math.floor((milliseconds % 1000) * 1e6);
  if (nanoseconds === 0) return `${seconds}Z`;
  let [fraction, digits] = [nanoseconds, 9];
  for (; fraction % 10 === 0; digits -= 1) fraction /= 10;
  return `${seconds}.${String(fraction).padStart(digits, "0")}Z`;
}

/** The stamp of liblxc's log lines: YYYYMMDDHHMMSS.mmm */
export function logTime(milliseconds: number): string {
  const seconds = upToSeconds(milliseconds);
  const thousandths = Math.floor(milliseconds) - Math.floor(milliseconds / 1000) * 1000;
  return `${seconds.replaceAll(/[-:T]/g, "")}.${String(thousandths).padStart(3, "0")}`;
}
