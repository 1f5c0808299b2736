/** `$x`, `${x...}` and the special parameters. */
import type { Word, WordPart } from "./ast.ts";
import { ShellError } from "./control.ts";
import type { Expanded } from "./fields.ts";
import { removePrefix, removeSuffix, replacePattern } from "./pattern.ts";
import { optionLetters } from "./options.ts";
import type { Shell } from "./shell.ts";

/** What operands of `${ }` need. */
export interface Expander {
  parts(shell: Shell, word: Word, splitting: boolean): Promise<Expanded>;
  text(shell: Shell, word: Word): Promise<string>;
  pattern(shell: Shell, word: Word): Promise<string>;
  arithmetic(shell: Shell, word: Word): Promise<bigint>;
}

type ParameterPart = Extract<WordPart, { kind: "parameter" }>;

export async function expandParameter(
  expand: Expander,
  shell: Shell,
  part: ParameterPart,
  splitting: boolean,
): Promise<Expanded> {
  const { name, operator, quoted } = part;
  if ((name === "@" || name === "*") && operator !== "#length") return expandAll(expand, shell, part, splitting);
  const value = parameterValue(shell, name);
  switch (operator) {
    case null:
      return piece(required(shell, name, value), quoted);
    case "#length":
      return piece(
        String(name === "@" || name === "*" ? shell.parameters.length : required(shell, name, value).length),
        quoted,
      );
    case "-":
    case ":-":
    case "=":
    case ":=":
    case "?":
    case ":?":
    case "+":
    case ":+":
      return conditional(expand, shell, part, value, splitting);
    default:
      return piece(await modified(expand, shell, part, required(shell, name, value)), quoted);
  }
}

function piece(text: string, quoted: boolean): Expanded {
  return [{ text, quoted, expanded: true }];
}

/** Undefined when it is not set. */
export function parameterValue(shell: Shell, name: string): string | undefined {
  if (/^\d+$/.test(name)) return name === "0" ? shell.name : shell.parameters[Number(name) - 1];
  switch (name) {
    case "?":
      return String(shell.status);
    case "#":
      return String(shell.parameters.length);
    case "$":
      return String(shell.pid);
    case "!":
      return shell.lastBackgroundPid === undefined ? undefined : String(shell.lastBackgroundPid);
    case "-":
      return optionLetters(shell);
    case "@":
    case "*":
      return shell.parameters.length === 0 ? undefined : shell.parameters.join(separator(shell));
    default:
      return shell.variables.get(name);
  }
}

function separator(shell: Shell): string {
  const ifs = shell.variables.get("IFS");
  return ifs === undefined ? " " : ifs.slice(0, 1);
}

function required(shell: Shell, name: string, value: string | undefined): string {
  if (value === undefined && shell.options.has("u") && !/^[@*!]$/.test(name))
    throw new ShellError(`${name}: parameter not set`);
  return value ?? "";
}

async function conditional(
  expand: Expander,
  shell: Shell,
  part: ParameterPart,
  value: string | undefined,
  splitting: boolean,
): Promise<Expanded> {
  const { name, quoted, word } = part;
  const operator = part.operator ?? "-";
  const colon = operator.startsWith(":");
  const isSet = value !== undefined && !(colon && value === "");
  switch (colon ? operator[1] : operator) {
    case "+":
      return isSet ? alternative(expand, shell, word, quoted, splitting) : piece("", quoted);
    case "-":
      return isSet ? piece(value, quoted) : alternative(expand, shell, word, quoted, splitting);
    case "=":
      return isSet ? piece(value, quoted) : assign(expand, shell, name, word, quoted);
    default:
      if (isSet) return piece(value, quoted);
      throw new ShellError(
        `${name}: ${(await expand.text(shell, word)) || (colon ? "parameter not set or null" : "parameter not set")}`,
      );
  }
}

async function alternative(
  expand: Expander,
  shell: Shell,
  word: Word,
  quoted: boolean,
  splitting: boolean,
): Promise<Expanded> {
  const expanded = await expand.parts(shell, word, splitting);
  if (quoted) return [{ text: "", quoted: true, expanded: false }, ...expanded];
  return expanded.map((one) => (one === "break" || one.quoted ? one : { ...one, expanded: true }));
}

async function assign(expand: Expander, shell: Shell, name: string, word: Word, quoted: boolean): Promise<Expanded> {
  if (!/^[A-Za-z_]/.test(name)) throw new ShellError(`${name}: bad variable name`);
  const value = await expand.text(shell, word);
  shell.variables.set(name, value);
  return piece(value, quoted);
}

async function modified(
  expand: Expander,
  shell: Shell,
  { operator, word, second }: ParameterPart,
  value: string,
): Promise<string> {
  if (operator === ":slice") return slice(expand, shell, word, second, value);
  const pattern = await expand.pattern(shell, word);
  switch (operator) {
    case "#":
      return removePrefix(value, pattern, false);
    case "##":
      return removePrefix(value, pattern, true);
    case "%":
      return removeSuffix(value, pattern, false);
    case "%%":
      return removeSuffix(value, pattern, true);
    default:
      return replacePattern(value, pattern, second ? await expand.text(shell, second) : "", operator === "//");
  }
}

async function slice(
  expand: Expander,
  shell: Shell,
  offset: Word,
  length: Word | null,
  value: string,
): Promise<string> {
  const start = Number(await expand.arithmetic(shell, offset));
  const from = start < 0 ? Math.max(0, value.length + start) : start;
  if (length === null) return value.slice(from);
  const count = Number(await expand.arithmetic(shell, length));
  return count < 0 ? value.slice(from, value.length + count) : value.slice(from, from + count);
}

/** `$@` and `$*`, with their operators applied to each parameter or to all. */
async function expandAll(expand: Expander, shell: Shell, part: ParameterPart, splitting: boolean): Promise<Expanded> {
  const { name, operator, quoted } = part;
  if (operator !== null && "-=?+".includes(operator.at(-1) ?? "")) {
    const value = parameterValue(shell, "@");
    const isSet = value !== undefined && !(operator.startsWith(":") && value === "");
    if (operator.endsWith("+") ? !isSet : isSet)
      return operator.endsWith("+") ? piece("", quoted) : listed(shell, name, quoted, splitting, shell.parameters);
    return conditional(expand, shell, part, value, splitting);
  }
  const values =
    operator === null
      ? shell.parameters
      : await Promise.all(shell.parameters.map((one) => modified(expand, shell, part, one)));
  return listed(shell, name, quoted, splitting, values);
}

function listed(shell: Shell, name: string, quoted: boolean, splitting: boolean, values: readonly string[]): Expanded {
  if (quoted && (name === "*" || !splitting)) return piece(values.join(name === "*" ? separator(shell) : " "), true);
  return values.flatMap((text, index): Expanded => {
    const one = { text, quoted, expanded: true };
    return index === 0 ? [one] : ["break", one];
  });
}
