/** Values of awk: numbers, strings, and strings from input that may look like numbers. */

export type Value = number | string | Input;

/** From a field, a line or the command line: compares as a number when it looks like one. */
export class Input {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get numeric(): boolean {
    return /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/.test(this.text);
  }
}

export function toNumber(value: Value | undefined): number {
  if (typeof value === "number") return value;
  const text = value instanceof Input ? value.text : (value ?? "");
  return Number(/^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(text)?.[0] ?? 0);
}

export function toText(value: Value | undefined): string {
  if (typeof value !== "number") return value instanceof Input ? value.text : (value ?? "");
  if (Number.isInteger(value)) return Math.abs(value) < 1e16 ? String(value) : BigInt(value).toString();
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  return String(Number(value.toPrecision(6)));
}

export function toTruth(value: Value | undefined): boolean {
  if (typeof value === "number") return value !== 0;
  if (value instanceof Input) return value.numeric ? toNumber(value) !== 0 : value.text !== "";
  return value !== undefined && value !== "";
}

export function compareValues(a: Value | undefined, b: Value | undefined): number {
  const numeric = (value: Value | undefined) =>
    value === undefined || typeof value === "number" || (value instanceof Input && value.numeric);
  if (numeric(a) && numeric(b)) return toNumber(a) - toNumber(b);
  const [left, right] = [toText(a), toText(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
