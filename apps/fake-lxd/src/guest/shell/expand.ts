/** Expansion of words: tilde, parameters, commands, arithmetic, splitting, path names, quote removal. */
import type { Word, WordPart } from "./ast.ts";
import { ArithmeticError, evaluateArithmetic } from "./arithmetic.ts";
import { ShellError } from "./control.ts";
import { type Expanded, type Field, fieldText, type Piece, splitFields } from "./fields.ts";
import { glob } from "./glob.ts";
import { type Expander, expandParameter } from "./parameter.ts";
import { escapePattern } from "./pattern.ts";
import type { Shell } from "./shell.ts";
import { substitute } from "./substitute.ts";
import { expandTilde } from "./tilde.ts";

const defaultIfs = " \t\n";

/** Words to arguments. */
export async function expandWords(shell: Shell, words: readonly Word[]): Promise<string[]> {
  const all: string[] = [];
  for (const word of words) {
    const plain = plainText(word);
    if (plain !== undefined) all.push(plain);
    else all.push(...(await expandWord(shell, word)));
  }
  return all;
}

/** The same, where there is nothing to expand in any of them. */
export function plainWords(words: readonly Word[]): string[] | undefined {
  const all: string[] = [];
  for (const word of words) {
    const plain = plainText(word);
    if (plain === undefined) return undefined;
    all.push(plain);
  }
  return all;
}

/** A word without anything to expand, the usual case. */
function plainText(word: Word): string | undefined {
  const [part] = word;
  if (word.length !== 1 || part?.kind !== "text") return undefined;
  if (part.quoted) return part.text;
  return /[*?[~\\]/.test(part.text) ? undefined : part.text;
}

async function expandWord(shell: Shell, word: Word): Promise<string[]> {
  const expanded = await expandParts(shell, word, true);
  const fields = splitFields(expanded, shell.variables.get("IFS") ?? defaultIfs);
  return fields.flatMap((field) => pathNames(shell, field));
}

function pathNames(shell: Shell, field: Field): string[] {
  if (shell.options.has("f") || !field.some(({ quoted, text }) => !quoted && /[*?[]/.test(text)))
    return [fieldText(field)];
  const found = glob(shell.process, fieldPattern(field));
  return found.length > 0 ? found : [fieldText(field)];
}

function fieldPattern(field: readonly Piece[]): string {
  return field.map(({ text, quoted }) => (quoted ? escapePattern(text) : text)).join("");
}

/** One string: values of assignments, subjects of `case`, targets of redirections, here-documents. */
export async function expandText(shell: Shell, word: Word): Promise<string> {
  const pieces = await expandParts(shell, word, false);
  return pieces.map((piece) => (piece === "break" ? " " : piece.text)).join("");
}

/** A pattern, in which quoted characters stand for themselves. */
export async function expandPattern(shell: Shell, word: Word): Promise<string> {
  const pieces = await expandParts(shell, word, false);
  return pieces
    .map((piece) => (piece === "break" ? " " : piece.quoted ? escapePattern(piece.text) : piece.text))
    .join("");
}

/** `splitting`: `$@` outside of quotes makes fields. */
export async function expandParts(shell: Shell, word: Word, splitting: boolean): Promise<Expanded> {
  const expanded: Expanded = [];
  for (const part of expandTilde(shell, word)) {
    expanded.push(...(await expandPart(shell, part, splitting)));
  }
  return expanded;
}

async function expandPart(shell: Shell, part: WordPart, splitting: boolean): Promise<Expanded> {
  switch (part.kind) {
    case "text":
      return [{ text: part.text, quoted: part.quoted, expanded: false }];
    case "parameter":
      return expandParameter(expander, shell, part, splitting);
    case "command":
      return [{ text: await substitute(shell, part.script), quoted: part.quoted, expanded: true }];
    default:
      return [{ text: String(await arithmetic(shell, part.expression)), quoted: part.quoted, expanded: true }];
  }
}

export async function arithmetic(shell: Shell, expression: Word): Promise<bigint> {
  const text = await expandText(shell, expression);
  return evaluateText(shell, text);
}

const expander: Expander = { parts: expandParts, text: expandText, pattern: expandPattern, arithmetic };

export function evaluateText(shell: Shell, text: string): bigint {
  try {
    return evaluateArithmetic(text, {
      get: (name) => shell.variables.get(name),
      set: (name, value) => shell.variables.set(name, value),
    });
  } catch (error) {
    if (error instanceof ArithmeticError) throw new ShellError(error.message);
    throw error;
  }
}
