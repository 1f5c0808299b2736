/** Reads one word with all its quoting and expansions. What `$( )` holds is parsed by the command parser, given as a callback. */
import type { ParameterOperator, Script, Word, WordPart } from "./ast.ts";
import { ShellSyntaxError } from "./syntax-error.ts";

export interface Cursor {
  readonly text: string;
  at: number;
}

/** Parses a script that ends with `)` at the cursor, and consumes the `)`. */
export type ScriptReader = (cursor: Cursor) => Script;
/** Parses a whole text as a script. */
export type TextParser = (text: string) => Script;

export interface Nested {
  until: ScriptReader;
  whole: TextParser;
}

const metacharacters = " \t\n;&|<>()";
const nameStart = /[A-Za-z_]/;
const nameRest = /[A-Za-z0-9_]/;
const special = "@*#?-$!0123456789";

function incomplete(what: string): ShellSyntaxError {
  return new ShellSyntaxError(`syntax error: unterminated ${what}`, true);
}

function missingBrace(): ShellSyntaxError {
  return new ShellSyntaxError("syntax error: missing '}'", true);
}

class Parts {
  readonly list: WordPart[] = [];

  text(text: string, quoted: boolean): void {
    const last = this.list.at(-1);
    if (last?.kind === "text" && last.quoted === quoted) last.text += text;
    else this.list.push({ kind: "text", text, quoted });
  }
}

/** The word at the cursor; empty when there is none. */
export function readWord(cursor: Cursor, nested: Nested): Word {
  return readUntil(cursor, nested, (char) => metacharacters.includes(char));
}

/** Here-document text: only `$`, backquotes and the backslash are special. */
export function readHereText(text: string, nested: Nested): Word {
  const cursor = { text, at: 0 };
  const parts = new Parts();
  while (cursor.at < text.length) doubleQuotedStep(cursor, nested, parts, "");
  return parts.list;
}

function readUntil(cursor: Cursor, nested: Nested, ends: (char: string) => boolean): Word {
  const parts = new Parts();
  while (cursor.at < cursor.text.length) {
    const char = cursor.text[cursor.at] ?? "";
    if (ends(char)) break;
    unquotedStep(cursor, nested, parts, char);
  }
  return parts.list;
}

function unquotedStep(cursor: Cursor, nested: Nested, parts: Parts, char: string): void {
  switch (char) {
    case "\\":
      return backslash(cursor, parts);
    case "'":
      return parts.text(singleQuoted(cursor), true);
    case '"':
      return doubleQuoted(cursor, nested, parts);
    case "$":
      return dollar(cursor, nested, parts, false);
    case "`":
      return backquote(cursor, nested, parts, false);
    default:
      cursor.at++;
      return parts.text(char, false);
  }
}

function backslash(cursor: Cursor, parts: Parts): void {
  const next = cursor.text[cursor.at + 1];
  cursor.at += 2;
  if (next === "\n") {
    // A joined line must have a next line, or the reader would run the first half.
    if (cursor.at >= cursor.text.length) throw incomplete("line");
    return;
  }
  parts.text(next ?? "\\", true);
}

function singleQuoted(cursor: Cursor): string {
  const end = cursor.text.indexOf("'", cursor.at + 1);
  if (end < 0) throw incomplete("quoted string");
  const text = cursor.text.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  return text;
}

function doubleQuoted(cursor: Cursor, nested: Nested, parts: Parts): void {
  cursor.at++;
  // Even empty quotes make a word; but `"$@"` without parameters makes none.
  if (cursor.text[cursor.at] === '"') parts.text("", true);
  while (cursor.text[cursor.at] !== '"') {
    if (cursor.at >= cursor.text.length) throw incomplete("quoted string");
    doubleQuotedStep(cursor, nested, parts, '"');
  }
  cursor.at++;
}

function doubleQuotedStep(cursor: Cursor, nested: Nested, parts: Parts, alsoEscaped: string): void {
  const char = cursor.text[cursor.at] ?? "";
  if (char === "$") return dollar(cursor, nested, parts, true);
  if (char === "`") return backquote(cursor, nested, parts, true);
  if (char === "\\") {
    const next = cursor.text[cursor.at + 1] ?? "";
    if (next !== "" && `$\`\\\n${alsoEscaped}`.includes(next)) {
      cursor.at += 2;
      if (next !== "\n") parts.text(next, true);
      return;
    }
  }
  cursor.at++;
  parts.text(char, true);
}

function dollar(cursor: Cursor, nested: Nested, parts: Parts, quoted: boolean): void {
  const next = cursor.text[cursor.at + 1] ?? "";
  if (next === "(") return parenthesis(cursor, nested, parts, quoted);
  if (next === "{") return void parts.list.push(braced(cursor, nested, quoted));
  if (next === "'" && !quoted) {
    cursor.at++;
    return parts.text(escapedString(cursor), true);
  }
  if (nameStart.test(next)) return namedParameter(cursor, parts, quoted);
  if (next !== "" && special.includes(next)) {
    cursor.at += 2;
    return void parts.list.push(parameter(next, quoted));
  }
  cursor.at++;
  parts.text("$", quoted);
}

function parameter(
  name: string,
  quoted: boolean,
  operator: ParameterOperator | null = null,
  word: Word = [],
  second: Word | null = null,
): WordPart {
  return { kind: "parameter", name, operator, word, second, quoted };
}

function readName(cursor: Cursor): string {
  const from = cursor.at;
  while (nameRest.test(cursor.text[cursor.at] ?? "")) cursor.at++;
  return cursor.text.slice(from, cursor.at);
}

function namedParameter(cursor: Cursor, parts: Parts, quoted: boolean): void {
  cursor.at++;
  parts.list.push(parameter(readName(cursor), quoted));
}

function parenthesis(cursor: Cursor, nested: Nested, parts: Parts, quoted: boolean): void {
  if (cursor.text[cursor.at + 2] === "(") {
    const expression = arithmetic(cursor, nested);
    if (expression) return void parts.list.push({ kind: "arithmetic", expression, quoted });
  }
  cursor.at += 2;
  parts.list.push({ kind: "command", script: nested.until(cursor), quoted });
}

/** `$(( ... ))`; null, with the cursor as it was, when it turns out to be a subshell in a command substitution. */
function arithmetic(cursor: Cursor, nested: Nested): Word | null {
  const start = cursor.at;
  cursor.at += 3;
  const parts = new Parts();
  for (let depth = 0; ; ) {
    const char = cursor.text[cursor.at];
    if (char === undefined) throw incomplete("arithmetic expression");
    if (char === ")" && depth === 0) break;
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (char === '"') cursor.at++;
    else doubleQuotedStep(cursor, nested, parts, '"');
  }
  if (cursor.text[cursor.at + 1] === ")") {
    cursor.at += 2;
    return parts.list;
  }
  if (cursor.at + 1 >= cursor.text.length) throw incomplete("arithmetic expression");
  cursor.at = start;
  return null;
}

function backquote(cursor: Cursor, nested: Nested, parts: Parts, quoted: boolean): void {
  let text = "";
  for (cursor.at++; cursor.text[cursor.at] !== "`"; cursor.at++) {
    const char = cursor.text[cursor.at];
    if (char === undefined) throw incomplete("command substitution");
    const next = cursor.text[cursor.at + 1] ?? "";
    if (char === "\\" && next !== "" && `$\`\\${quoted ? '"' : ""}`.includes(next)) {
      text += next;
      cursor.at++;
    } else {
      text += char;
    }
  }
  cursor.at++;
  parts.list.push({ kind: "command", script: nested.whole(text), quoted });
}

function braced(cursor: Cursor, nested: Nested, quoted: boolean): WordPart {
  cursor.at += 2;
  if (isLength(cursor)) {
    cursor.at++;
    const name = bracedName(cursor);
    close(cursor);
    return parameter(name, quoted, "#length");
  }
  const name = bracedName(cursor);
  if (cursor.text[cursor.at] === "}") {
    cursor.at++;
    return parameter(name, quoted);
  }
  const operator = readOperator(cursor);
  return operand(cursor, nested, quoted, name, operator);
}

function operand(cursor: Cursor, nested: Nested, quoted: boolean, name: string, operator: ParameterOperator): WordPart {
  const separator = operator === "/" || operator === "//" ? "/" : operator === ":slice" ? ":" : "";
  // Patterns and replacements have quoting of their own, also inside double quotes.
  const own = !quoted || ["#", "##", "%", "%%", "/", "//"].includes(operator);
  const word = own ? unquotedOperand(cursor, nested, separator) : quotedOperand(cursor, nested, separator);
  let second: Word | null = null;
  if (separator !== "" && cursor.text[cursor.at] === separator) {
    cursor.at++;
    second = own ? unquotedOperand(cursor, nested, "") : quotedOperand(cursor, nested, "");
  }
  close(cursor);
  return parameter(name, quoted, operator, word, second);
}

function unquotedOperand(cursor: Cursor, nested: Nested, separator: string): Word {
  return readUntil(cursor, nested, (char) => char === "}" || (separator !== "" && char === separator));
}

function quotedOperand(cursor: Cursor, nested: Nested, separator: string): Word {
  const parts = new Parts();
  for (;;) {
    const char = cursor.text[cursor.at];
    if (char === undefined) throw missingBrace();
    if (char === "}" || (separator !== "" && char === separator)) return parts.list;
    if (char === '"') doubleQuoted(cursor, nested, parts);
    else doubleQuotedStep(cursor, nested, parts, '"}');
  }
}

function isLength(cursor: Cursor): boolean {
  if (cursor.text[cursor.at] !== "#") return false;
  const rest = cursor.text.slice(cursor.at + 1, cursor.at + 3);
  return /^[A-Za-z0-9_]/.test(rest) || /^[@*?$!#-]\}/.test(rest);
}

function bracedName(cursor: Cursor): string {
  const char = cursor.text[cursor.at];
  if (char === undefined) throw missingBrace();
  if (nameStart.test(char)) return readName(cursor);
  if (/\d/.test(char)) {
    const digits = /^\d+/.exec(cursor.text.slice(cursor.at))?.[0] ?? "";
    cursor.at += digits.length;
    return digits;
  }
  if (!special.includes(char)) throw new ShellSyntaxError("syntax error: bad substitution");
  cursor.at++;
  return char;
}

const operators: ParameterOperator[] = [":-", ":=", ":?", ":+", "##", "%%", "//", "-", "=", "?", "+", "#", "%", "/"];

function readOperator(cursor: Cursor): ParameterOperator {
  const found = operators.find((one) => cursor.text.startsWith(one, cursor.at));
  if (found) {
    cursor.at += found.length;
    return found;
  }
  if (cursor.text[cursor.at] === ":") {
    cursor.at++;
    return ":slice";
  }
  if (cursor.at >= cursor.text.length) throw missingBrace();
  throw new ShellSyntaxError("syntax error: bad substitution");
}

function close(cursor: Cursor): void {
  if (cursor.text[cursor.at] === undefined) throw missingBrace();
  if (cursor.text[cursor.at] !== "}") throw new ShellSyntaxError("syntax error: bad substitution");
  cursor.at++;
}

/** `$'...'` */
function escapedString(cursor: Cursor): string {
  let text = "";
  for (cursor.at++; cursor.text[cursor.at] !== "'"; ) {
    const char = cursor.text[cursor.at];
    if (char === undefined) throw incomplete("quoted string");
    if (char !== "\\") {
      text += char;
      cursor.at++;
      continue;
    }
    const escape = /^\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(.))/s.exec(cursor.text.slice(cursor.at, cursor.at + 4));
    if (!escape) throw incomplete("quoted string");
    cursor.at += escape[0].length;
    text += escapedCharacter(escape);
  }
  cursor.at++;
  return text;
}

const simpleEscapes: Record<string, string> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  e: "\x1b",
};

function escapedCharacter([all, hex, octal, char = ""]: RegExpExecArray): string {
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
  return simpleEscapes[char] ?? ("\\'\"?".includes(char) ? char : all);
}
