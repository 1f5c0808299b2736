import { type Applet, type AppletIo, Failure } from "./lib/applet.ts";
import { oneEscape, unescape } from "./lib/escapes.ts";
import { type Conversion, conversionPattern, formatFloat, formatInteger, formatString } from "./lib/format.ts";

/** Output so far, and what went wrong on the way. */
interface State {
  args: string[];
  out: string;
  complaints: string[];
  stopped: boolean;
}

export const printf: Applet = async (io, args) => {
  const [format, ...rest] = args[0] === "--" ? args.slice(1) : args;
  if (format === undefined) throw new Failure("usage: printf FORMAT [ARG]...");
  const state: State = { args: rest, out: "", complaints: [], stopped: false };
  do {
    const before = state.args.length;
    once(state, format);
    if (state.args.length === before) break;
  } while (state.args.length > 0 && !state.stopped);
  await io.out(state.out);
  return report(io, state.complaints);
};

async function report(io: AppletIo, complaints: string[]): Promise<number> {
  for (const complaint of complaints) await io.warn(complaint);
  return complaints.length > 0 ? 1 : 0;
}

function once(state: State, format: string): void {
  for (let at = 0; at < format.length && !state.stopped; ) {
    const char = format[at] ?? "";
    if (char === "\\") {
      if (format[at + 1] === "c") {
        state.stopped = true;
        return;
      }
      const escape = oneEscape(format.slice(at, at + 5), false);
      state.out += escape.char;
      at += escape.length;
    } else if (char === "%") {
      at += convert(state, format.slice(at));
    } else {
      state.out += char;
      at++;
    }
  }
}

/** Returns how much of the format was used. */
function convert(state: State, format: string): number {
  if (format[1] === "%") {
    state.out += "%";
    return 2;
  }
  const match = conversionPattern.exec(format);
  if (!match) throw new Failure(`${format}: invalid format`);
  const [all, flags = "", width, precision, letter = ""] = match;
  const size = (text: string | undefined) =>
    text === "*" ? Number(state.args.shift() ?? 0) : text === undefined ? undefined : Number(text);
  const wide = size(width) ?? 0;
  const conversion: Conversion = {
    flags: wide < 0 ? `${flags}-` : flags,
    width: Math.abs(wide),
    precision: size(precision),
    letter,
  };
  state.out += one(state, conversion, all);
  return all.length;
}

function one(state: State, conversion: Conversion, text: string): string {
  const arg = state.args.shift();
  switch (conversion.letter) {
    case "s":
      return formatString(conversion, arg ?? "");
    case "c":
      return formatString({ ...conversion, precision: undefined }, (arg ?? "").slice(0, 1));
    case "b": {
      const { text: shown, stopped } = unescape(arg ?? "", true);
      state.stopped = stopped;
      return formatString(conversion, shown);
    }
    case "d":
    case "i":
    case "u":
    case "o":
    case "x":
    case "X":
      return formatInteger(conversion, integer(state, arg));
    case "e":
    case "E":
    case "f":
    case "F":
    case "g":
    case "G":
      return formatFloat(conversion, float(state, arg));
    default:
      throw new Failure(`${text}: invalid format`);
  }
}

function integer(state: State, arg: string | undefined): bigint {
  const text = arg ?? "";
  if (/^["']/.test(text)) return BigInt(text.charCodeAt(1) || 0);
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|\d+)$/.exec(text);
  if (!match) {
    state.complaints.push(`invalid number '${text}'`);
    return 0n;
  }
  const digits = match[2] ?? "0";
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return match[1] === "-" ? -value : value;
}

function float(state: State, arg: string | undefined): number {
  const text = arg ?? "";
  const value = Number(text);
  if (text.trim() !== "" && !Number.isNaN(value)) return value;
  state.complaints.push(`invalid number '${text}'`);
  return 0;
}
