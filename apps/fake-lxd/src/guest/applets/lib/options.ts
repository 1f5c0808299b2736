/** Options as getopt reads them: bundled letters, values attached or behind, long names, `--`. */
import { UsageError } from "./applet.ts";

export interface Options {
  /** Letters that were given; long options count as their letter. */
  has(letter: string): boolean;
  count(letter: string): number;
  /** The last value. */
  value(letter: string): string | undefined;
  values(letter: string): readonly string[];
  /** What is no option. */
  operands: string[];
}

/**
 * `spec` is like getopt's: `ab:` knows -a and -b VALUE. `long` names letters. A leading `+` in `spec` stops at the first operand. Unknown
 * options are a `UsageError`, as busybox says it.
 */
export function parseOptions(args: readonly string[], spec: string, long: Record<string, string> = {}): Options {
  const given = new Map<string, string[]>();
  const operands: string[] = [];
  const stopEarly = spec.startsWith("+");
  const letters = stopEarly ? spec.slice(1) : spec;
  const note = (letter: string, value = "") => void given.set(letter, [...(given.get(letter) ?? []), value]);
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") {
      operands.push(...rest.splice(0));
    } else if (arg.startsWith("--")) {
      longOption(arg.slice(2), letters, long, rest, note);
    } else if (arg.startsWith("-") && arg !== "-") {
      bundle(arg.slice(1), letters, rest, note);
    } else {
      operands.push(arg);
      if (stopEarly) operands.push(...rest.splice(0));
    }
  }
  return {
    has: (letter) => given.has(letter),
    count: (letter) => given.get(letter)?.length ?? 0,
    value: (letter) => given.get(letter)?.at(-1),
    values: (letter) => given.get(letter) ?? [],
    operands,
  };
}

type Note = (letter: string, value?: string) => void;

function bundle(text: string, letters: string, rest: string[], note: Note): void {
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? "";
    const index = letter === ":" ? -1 : letters.indexOf(letter);
    if (index < 0) throw new UsageError(`invalid option -- '${letter}'`);
    if (letters[index + 1] !== ":") {
      note(letter);
      continue;
    }
    const value = text.slice(at + 1) || rest.shift();
    if (value === undefined) throw new UsageError(`option requires an argument -- '${letter}'`);
    note(letter, value);
    return;
  }
}

function longOption(text: string, letters: string, long: Record<string, string>, rest: string[], note: Note): void {
  const [name = "", ...valueParts] = text.split("=");
  const letter = long[name];
  if (letter === undefined) throw new UsageError(`unrecognized option '--${text}'`);
  if (letters[letters.indexOf(letter) + 1] !== ":") {
    if (valueParts.length > 0) throw new UsageError(`option '--${name}' doesn't allow an argument`);
    return note(letter);
  }
  const value = valueParts.length > 0 ? valueParts.join("=") : rest.shift();
  if (value === undefined) throw new UsageError(`option '--${name}' requires an argument`);
  note(letter, value);
}

/** `10`, `4k`, `2M`... as busybox reads sizes. */
export function parseSize(text: string): number {
  const match = /^(\d+)(c|w|b|k|K|kB|M|MB|G|GB|T)?$/.exec(text);
  if (!match) throw new UsageError(`invalid number '${text}'`);
  const units: Record<string, number> = {
    c: 1,
    w: 2,
    b: 512,
    k: 1024,
    K: 1024,
    kB: 1000,
    M: 2 ** 20,
    MB: 1e6,
    G: 2 ** 30,
    GB: 1e9,
    T: 2 ** 40,
  };
  return Number(match[1]) * (match[2] === undefined ? 1 : (units[match[2]] ?? 1));
}

export function parseNumber(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new UsageError(`invalid number '${text}'`);
  return Number(text);
}

/** `1`, `0.5`, `2m`, `1h`, `inf` in seconds. */
export function parseDuration(text: string): number {
  if (/^inf(inity)?$/.test(text)) return Number.POSITIVE_INFINITY;
  const match = /^(\d*\.?\d+|\d+\.)([smhd]?)$/.exec(text);
  if (!match) throw new UsageError(`invalid number '${text}'`);
  const units: Record<string, number> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };
  return Number(match[1]) * (units[match[2] ?? ""] ?? 1);
}
