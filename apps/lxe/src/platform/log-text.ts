/** pino's JSON lines as lines for people: `time LEVEL message key=value …`. */

const LEVEL_WIDTH = 5;

interface LogRecord {
  readonly time?: number;
  readonly level?: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

function formatValue(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=]+$/u.test(value)) return value;
  return JSON.stringify(value);
}

function stackOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("stack" in error)) return undefined;
  return typeof error.stack === "string" ? error.stack : undefined;
}

/** One JSON line in, one line of text out; the stack of `err` follows, indented. */
export function formatLogText(jsonLine: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(jsonLine) as LogRecord;
  const stack = stackOf(err);
  const shown = stack === undefined && err !== undefined ? { ...fields, err } : fields;
  const head = [new Date(time ?? 0).toISOString(), (level ?? "").toUpperCase().padEnd(LEVEL_WIDTH), msg ?? ""];
  const pairs = Object.entries(shown).map(([key, value]) => `${key}=${formatValue(value)}`);
  const trace = stack === undefined ? "" : `\n    ${stack.replaceAll("\n", "\n    ")}`;
  return `${[...head, ...pairs].join(" ")}${trace}\n`;
}
