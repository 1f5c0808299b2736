/** sed scripts. */
import { Failure } from "./applet.ts";
import { compileRegex } from "./regex.ts";

export type Address =
  | { kind: "line"; number: number }
  | { kind: "last" }
  | { kind: "step"; first: number; step: number }
  | { kind: "plus"; count: number }
  | { kind: "regex"; expression: RegExp };

export interface SedCommand {
  name: string;
  first: Address | undefined;
  second: Address | undefined;
  negated: boolean;
  /** Of a, i, c: text; of b, t, `:`: label; of r, w: file; of q: code. */
  text: string;
  /** Of `{`: index of its `}`. */
  end?: number;
  expression?: RegExp;
  replacement?: (groups: (string | undefined)[]) => string;
  occurrence?: number;
  global?: boolean;
  print?: boolean;
  map?: Map<string, string>;
}

export function parseSed(text: string, extended: boolean): SedCommand[] {
  return new SedParser(text, extended).all();
}

class SedParser {
  readonly #text: string;
  readonly #extended: boolean;
  #at = 0;
  /** What an empty regular expression means. */
  #last: RegExp | undefined;

  constructor(text: string, extended: boolean) {
    this.#text = text;
    this.#extended = extended;
  }

  all(): SedCommand[] {
    const commands: SedCommand[] = [];
    const open: SedCommand[] = [];
    for (;;) {
      this.#skip(/[\s;]/);
      if (this.#at >= this.#text.length) break;
      const command = this.#command();
      commands.push(command);
      if (command.name === "{") open.push(command);
      if (command.name !== "}") continue;
      const start = open.pop();
      if (!start) throw new Failure("unexpected }");
      start.end = commands.length - 1;
    }
    if (open.length > 0) throw new Failure("unmatched '{'");
    return commands;
  }

  #skip(what: RegExp): void {
    while (this.#at < this.#text.length && what.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #command(): SedCommand {
    const first = this.#address();
    let second: Address | undefined;
    this.#skip(/ /);
    if (first && this.#text[this.#at] === ",") {
      this.#at++;
      this.#skip(/ /);
      second = this.#address();
      if (!second) throw new Failure("no address after comma");
    }
    this.#skip(/ /);
    let negated = false;
    while (this.#text[this.#at] === "!") {
      negated = true;
      this.#at++;
      this.#skip(/ /);
    }
    const name = this.#text[this.#at++];
    if (name === undefined) throw new Failure("missing command");
    return this.#body({ name, first, second, negated, text: "" });
  }

  #address(): Address | undefined {
    const rest = this.#text.slice(this.#at);
    const step = /^(\d+)~(\d+)/.exec(rest);
    if (step) return this.#advance(step[0], { kind: "step", first: Number(step[1]), step: Number(step[2]) });
    const number = /^\d+/.exec(rest);
    if (number) return this.#advance(number[0], { kind: "line", number: Number(number[0]) });
    const plus = /^\+(\d+)/.exec(rest);
    if (plus) return this.#advance(plus[0], { kind: "plus", count: Number(plus[1]) });
    if (rest.startsWith("$")) return this.#advance("$", { kind: "last" });
    if (!rest.startsWith("/") && !rest.startsWith("\\")) return undefined;
    if (rest.startsWith("\\")) this.#at++;
    const delimiter = this.#text[this.#at++] ?? "/";
    const source = this.#delimited(delimiter);
    const flag = this.#text[this.#at] === "I" ? "i" : "";
    if (flag) this.#at++;
    return { kind: "regex", expression: this.#regex(source, flag) };
  }

  #advance(text: string, address: Address): Address {
    this.#at += text.length;
    return address;
  }

  #regex(source: string, flags: string): RegExp {
    if (source === "" && this.#last) return flags.includes("g") ? new RegExp(this.#last.source, "g") : this.#last;
    const made = compileRegex(source, { extended: this.#extended, flags });
    this.#last = made;
    return made;
  }

  /** Up to the next delimiter that is neither escaped nor in brackets. */
  #delimited(delimiter: string): string {
    let text = "";
    for (let inSet = false; ; this.#at++) {
      const char = this.#text[this.#at];
      if (char === undefined) throw new Failure("unterminated expression");
      if (char === "\\" && !inSet) {
        const next = this.#text[++this.#at] ?? "";
        text += next === delimiter ? next : next === "\n" ? "\\n" : `\\${next}`;
        continue;
      }
      if (char === delimiter && !inSet) break;
      if (char === "[" && !inSet) inSet = true;
      else if (char === "]" && inSet && !/\[\^?$/.test(text)) inSet = false;
      text += char;
    }
    this.#at++;
    return text;
  }

  #body(command: SedCommand): SedCommand {
    switch (command.name) {
      case "s":
        return this.#substitution(command);
      case "y":
        return this.#transliteration(command);
      case "a":
      case "i":
      case "c":
        return { ...command, text: this.#textArgument() };
      case "r":
      case "w":
        return { ...command, text: this.#untilNewline().trim() };
      case ":":
      case "b":
      case "t":
        return { ...command, text: this.#label() };
      case "q":
      case "Q":
        return { ...command, text: this.#number() };
      case "#":
        return { ...command, text: this.#untilNewline() };
      default:
        if (!"{}=dDgGhHnNpPx".includes(command.name)) throw new Failure(`unsupported command ${command.name}`);
        return command;
    }
  }

  #untilNewline(): string {
    const end = this.#text.indexOf("\n", this.#at);
    const text = this.#text.slice(this.#at, end < 0 ? this.#text.length : end);
    this.#at = end < 0 ? this.#text.length : end + 1;
    return text;
  }

  #label(): string {
    const match = /^[ \t]*([^\s;}]*)/.exec(this.#text.slice(this.#at));
    this.#at += match?.[0].length ?? 0;
    return match?.[1] ?? "";
  }

  #number(): string {
    const match = /^[ \t]*(\d*)/.exec(this.#text.slice(this.#at));
    this.#at += match?.[0].length ?? 0;
    return match?.[1] ?? "";
  }

  /** `a\` and lines, or `a text`; lines that end with a backslash go on. */
  #textArgument(): string {
    this.#skip(/[ \t]/);
    if (this.#text[this.#at] === "\\") {
      this.#at++;
      this.#skip(/[ \t]/);
      if (this.#text[this.#at] === "\n") this.#at++;
    }
    let text = "";
    for (; this.#at < this.#text.length && this.#text[this.#at] !== "\n"; this.#at++) {
      if (this.#text[this.#at] === "\\") this.#at++;
      text += this.#text[this.#at] ?? "";
    }
    return text;
  }

  #transliteration(command: SedCommand): SedCommand {
    const delimiter = this.#text[this.#at++] ?? "/";
    const from = unescapeText(this.#delimited(delimiter));
    const to = unescapeText(this.#delimited(delimiter));
    if (from.length !== to.length) throw new Failure("y strings have different lengths");
    return { ...command, map: new Map(from.split("").map((char, index) => [char, to[index] ?? char])) };
  }

  #substitution(command: SedCommand): SedCommand {
    const delimiter = this.#text[this.#at++] ?? "/";
    const source = this.#delimited(delimiter);
    const replacement = this.#replacementText(delimiter);
    const flags = /^[gpiI0-9]*/.exec(this.#text.slice(this.#at))?.[0] ?? "";
    this.#at += flags.length;
    let file = "";
    if (this.#text[this.#at] === "w") {
      this.#at++;
      file = this.#untilNewline().trim();
    }
    return {
      ...command,
      text: file,
      expression: this.#regex(source, `g${/i/i.test(flags) ? "i" : ""}`),
      replacement: replacer(replacement),
      occurrence: Number(/\d+/.exec(flags)?.[0] ?? 1),
      global: flags.includes("g"),
      print: flags.includes("p"),
    };
  }

  #replacementText(delimiter: string): string {
    let text = "";
    for (; this.#text[this.#at] !== delimiter; this.#at++) {
      const char = this.#text[this.#at];
      if (char === undefined) throw new Failure("unterminated `s' command");
      if (char !== "\\") {
        text += char;
        continue;
      }
      const next = this.#text[++this.#at] ?? "";
      text += next === delimiter && next !== "&" ? next : `\\${next}`;
    }
    this.#at++;
    return text;
  }
}

function unescapeText(text: string): string {
  return text.replaceAll(/\\([^])/g, (_all, char: string) => (char === "n" ? "\n" : char === "t" ? "\t" : char));
}

function replacer(text: string): (groups: (string | undefined)[]) => string {
  const parts = text.match(/\\[^]|&|[^\\&]+/g) ?? [];
  return (groups) =>
    parts
      .map((part) => {
        if (part === "&") return groups[0] ?? "";
        if (/^\\\d$/.test(part)) return groups[Number(part[1])] ?? "";
        return part.startsWith("\\") ? unescapeText(part) : part;
      })
      .join("");
}
