/** Dates in UTC, the only time zone that guests have. */

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

function two(value: number, fill = "0"): string {
  return String(value).padStart(2, fill);
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
}

/** strftime; unknown conversions stand for themselves. */
export function formatDate(ms: number, format: string): string {
  const date = new Date(ms);
  return format.replaceAll(/%(-?)(\d*)([A-Za-z%])/g, (all, minus: string, digits: string, letter: string) => {
    const text = conversion(date, ms, letter, digits);
    if (text === undefined) return all;
    return minus ? text.replace(/^[0 ]+(?=.)/, "") : text;
  });
}

function conversion(date: Date, ms: number, letter: string, digits: string): string | undefined {
  const hour = date.getUTCHours();
  const parts: Record<string, () => string> = {
    "%": () => "%",
    a: () => (days[date.getUTCDay()] ?? "").slice(0, 3),
    A: () => days[date.getUTCDay()] ?? "",
    b: () => (months[date.getUTCMonth()] ?? "").slice(0, 3),
    h: () => (months[date.getUTCMonth()] ?? "").slice(0, 3),
    B: () => months[date.getUTCMonth()] ?? "",
    c: () => formatDate(ms, "%a %b %e %H:%M:%S %Y"),
    C: () => two(Math.floor(date.getUTCFullYear() / 100)),
    d: () => two(date.getUTCDate()),
    D: () => formatDate(ms, "%m/%d/%y"),
    e: () => two(date.getUTCDate(), " "),
    F: () => formatDate(ms, "%Y-%m-%d"),
    H: () => two(hour),
    I: () => two(hour % 12 || 12),
    j: () => String(dayOfYear(date)).padStart(3, "0"),
    k: () => two(hour, " "),
    m: () => two(date.getUTCMonth() + 1),
    M: () => two(date.getUTCMinutes()),
    n: () => "\n",
    N: () => nanoseconds(ms).slice(0, digits === "" ? 9 : Number(digits)),
    p: () => (hour < 12 ? "AM" : "PM"),
    R: () => formatDate(ms, "%H:%M"),
    s: () => String(Math.floor(ms / 1000)),
    S: () => two(date.getUTCSeconds()),
    t: () => "\t",
    T: () => formatDate(ms, "%H:%M:%S"),
    u: () => String(date.getUTCDay() || 7),
    w: () => String(date.getUTCDay()),
    x: () => formatDate(ms, "%m/%d/%y"),
    X: () => formatDate(ms, "%H:%M:%S"),
    y: () => two(date.getUTCFullYear() % 100),
    Y: () => String(date.getUTCFullYear()),
    z: () => "+0000",
    Z: () => "UTC",
  };
  return parts[letter]?.();
}

function nanoseconds(ms: number): string {
  const within = ((ms % 1000) + 1000) % 1000;
  return String(Math.floor(within * 1_000_000)).padStart(9, "0");
}

/** `@SECONDS`, `YYYY-MM-DD[ hh:mm[:ss]]`, `hh:mm[:ss]`, `MMDDhhmm[[CC]YY][.ss]`; undefined when it is none. */
export function parseDate(text: string, nowMs: number): number | undefined {
  if (/^@-?\d+(\.\d+)?$/.test(text)) return Number(text.slice(1)) * 1000;
  const full = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text);
  if (full) {
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = full
      .slice(1)
      .map((part) => Number(part ?? 0));
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }
  const time = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (time) {
    const now = new Date(nowMs);
    return Date.UTC(
      now.getUTCFullYear(),
      now.getUTCMonth(),
      now.getUTCDate(),
      Number(time[1]),
      Number(time[2]),
      Number(time[3] ?? 0),
    );
  }
  return compactDate(text, nowMs);
}

function compactDate(text: string, nowMs: number): number | undefined {
  const match = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{4}|\d{2})?(?:\.(\d{2}))?$/.exec(text);
  if (!match) return undefined;
  const [, month, day, hour, minute, year, second = "0"] = match;
  const fullYear =
    year === undefined ? new Date(nowMs).getUTCFullYear() : Number(year.length === 2 ? `20${year}` : year);
  return Date.UTC(fullYear, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}
