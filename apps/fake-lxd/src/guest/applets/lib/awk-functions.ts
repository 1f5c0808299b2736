/** Functions of awk that only compute. */
import { conversionPattern, formatFloat, formatInteger, formatString } from "./format.ts";
import { compileRegex } from "./regex.ts";
import { toNumber, toText, type Value } from "./awk-values.ts";

const regexes = new Map<string, RegExp>();

export function awkRegex(source: string): RegExp {
  const known = regexes.get(source);
  if (known) return known;
  if (regexes.size > 200) regexes.clear();
  const made = compileRegex(source, { extended: true });
  regexes.set(source, made);
  return made;
}

export function awkFormat(format: string, args: readonly Value[]): string {
  const rest = [...args];
  let out = "";
  for (let at = 0; at < format.length; ) {
    const match = format[at] === "%" ? conversionPattern.exec(format.slice(at)) : null;
    if (!match) {
      out += format[at++];
      continue;
    }
    at += match[0].length;
    const [, flags = "", width, precision, letter = ""] = match;
    const size = (text: string | undefined) =>
      text === "*" ? toNumber(rest.shift()) : text === undefined ? undefined : Number(text);
    const conversion = { flags, width: size(width) ?? 0, precision: size(precision), letter };
    out += letter === "%" ? "%" : one(conversion, rest.shift());
  }
  return out;
}

function one(conversion: Parameters<typeof formatInteger>[0], value: Value | undefined): string {
  switch (conversion.letter) {
    case "d":
    case "i":
    case "u":
    case "o":
    case "x":
    case "X":
      return formatInteger(conversion, BigInt(Math.trunc(toNumber(value)) || 0));
    case "e":
    case "E":
    case "f":
    case "F":
    case "g":
    case "G":
      return formatFloat(conversion, toNumber(value));
    case "c":
      return formatString(
        conversion,
        typeof value === "number" ? String.fromCharCode(value & 255) : toText(value).slice(0, 1),
      );
    default:
      return formatString(conversion, toText(value));
  }
}

export function splitText(text: string, separator: string): string[] {
  if (text === "") return [];
  if (separator === " ") return text.trim() === "" ? [] : text.trim().split(/[ \t\n]+/);
  if (separator === "") return text.split("");
  if (separator.length === 1 && separator !== "\\") return text.split(separator);
  return text.split(new RegExp(awkRegex(separator).source));
}

/** The functions with values in and a value out; undefined: no such function. */
export function callPure(name: string, args: readonly (Value | undefined)[]): Value | undefined {
  const text = (index: number) => toText(args[index]);
  const number = (index: number) => toNumber(args[index]);
  switch (name) {
    case "length":
      return text(0).length;
    case "substr":
      return substring(text(0), number(1), args.length > 2 ? number(2) : Number.POSITIVE_INFINITY);
    case "index":
      return text(0).indexOf(text(1)) + 1;
    case "tolower":
      return text(0).toLowerCase();
    case "toupper":
      return text(0).toUpperCase();
    case "int":
      return Math.trunc(number(0));
    case "sqrt":
      return Math.sqrt(number(0));
    case "exp":
      return Math.exp(number(0));
    case "log":
      return Math.log(number(0));
    case "sin":
      return Math.sin(number(0));
    case "cos":
      return Math.cos(number(0));
    case "atan2":
      return Math.atan2(number(0), number(1));
    case "sprintf":
      return awkFormat(
        text(0),
        args.slice(1).map((value) => value ?? ""),
      );
    default:
      return undefined;
  }
}

function substring(text: string, start: number, length: number): string {
  const from = Math.round(start) - 1;
  const to = length === Number.POSITIVE_INFINITY ? text.length : Math.round(start + length) - 1;
  return text.slice(Math.max(0, from), Math.max(0, to));
}

/** For sub and gsub: `&` is what was found. */
export function replaceAwk(text: string, source: string, by: string, all: boolean): { text: string; count: number } {
  let count = 0;
  const expression = new RegExp(awkRegex(source).source, "g");
  const replaced = text.replaceAll(expression, (found: string) => {
    if (!all && count > 0) return found;
    count++;
    return by.replaceAll(/\\\\|\\&|&/g, (mark) => (mark === "&" ? found : mark.slice(1)));
  });
  return { text: replaced, count };
}
