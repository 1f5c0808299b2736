/** POSIX regular expressions, basic and extended, as JavaScript's. */
import { characterClass } from "../../shell/pattern.ts";
import { Failure } from "./applet.ts";

/** Throws a `Failure` when the expression is wrong. Bytes as characters; `.` matches everything but newline only in JavaScript's way. */
export function compileRegex(
  source: string,
  options: { extended: boolean; flags?: string; whole?: "word" | "line"; fixed?: boolean },
): RegExp {
  const body = options.fixed ? source.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&") : translate(source, options.extended);
  const wrapped =
    options.whole === "line"
      ? `^(?:${body})$`
      : options.whole === "word"
        ? `(?<![A-Za-z0-9_])(?:${body})(?![A-Za-z0-9_])`
        : body;
  try {
    return new RegExp(wrapped, options.flags ?? "");
  } catch {
    throw new Failure(`bad regex '${source}': Invalid preceding regular expression`, 2);
  }
}

function translate(source: string, extended: boolean): string {
  let out = "";
  for (let at = 0; at < source.length; ) {
    const char = source[at] ?? "";
    if (char === "[") {
      const [set, end] = bracket(source, at);
      out += set;
      at = end;
    } else if (char === "\\") {
      out += escaped(source[at + 1], extended);
      at += 2;
    } else {
      out += plain(source, at, extended);
      at++;
    }
  }
  return out;
}

const shorthand: Record<string, string> = {
  w: "[A-Za-z0-9_]",
  W: "[^A-Za-z0-9_]",
  s: "\\s",
  S: "\\S",
  b: "\\b",
  B: "\\B",
  n: "\\n",
  t: "\\t",
  r: "\\r",
};

function escaped(char: string | undefined, extended: boolean): string {
  if (char === undefined) throw new Failure("bad regex: Trailing backslash", 2);
  if (/[1-9]/.test(char)) return `\\${char}`;
  if (char === "<") return "\\b(?=[A-Za-z0-9_])";
  if (char === ">") return "\\b(?<=[A-Za-z0-9_])";
  const known = shorthand[char];
  if (known !== undefined) return known;
  // In basic expressions the backslash makes these special, in extended ones it takes that away.
  if (!extended && "(){}|+?".includes(char)) return char;
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}

function plain(source: string, at: number, extended: boolean): string {
  const char = source[at] ?? "";
  const before = source.slice(0, at);
  if (extended) return char === "{" && !/^\{\d*,?\d*\}/.test(source.slice(at)) ? "\\{" : char === "/" ? "\\/" : char;
  if (char === "*" && /^(?:.*\\[(|])?\^?$/.test(before)) return "\\*";
  if (char === "^" && !/^(?:.*\\[(|])?$/.test(before)) return "\\^";
  if (char === "$" && !/^(?:$|\\[)|])/.test(source.slice(at + 1))) return "\\$";
  return "+?(){}|/".includes(char) ? `\\${char}` : char;
}

function bracket(source: string, start: number): [set: string, end: number] {
  let at = start + 1;
  const negated = source[at] === "^";
  if (negated) at++;
  let body = "";
  for (let first = true; first || source[at] !== "]"; first = false) {
    const char = source[at];
    if (char === undefined) throw new Failure(`bad regex '${source}': Unmatched [, [^, [:, [., or [=`, 2);
    const named = /^\[:([a-z]+):\]/.exec(source.slice(at, at + 12));
    if (named) {
      body += characterClass(named[1] ?? "") ?? "";
      at += named[0].length;
      continue;
    }
    body += /[\\\]^[]/.test(char) ? `\\${char}` : char;
    at++;
  }
  return [`[${negated ? "^" : ""}${body}]`, at + 1];
}
