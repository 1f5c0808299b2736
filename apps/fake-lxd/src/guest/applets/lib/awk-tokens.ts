/** Tokens of awk programs. Whether a slash divides or starts a regular expression depends on what stands before it. */
import { oneEscape } from "./escapes.ts";
import { Failure } from "./applet.ts";

export interface Token {
  kind: "number" | "string" | "regex" | "name" | "call" | "operator" | "newline" | "end";
  text: string;
}

const operators = [
  "**=",
  "&&",
  "||",
  "==",
  "!=",
  "<=",
  ">=",
  ">>",
  "++",
  "--",
  "+=",
  "-=",
  "*=",
  "/=",
  "%=",
  "^=",
  "!~",
  "**",
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  ";",
  ",",
  "+",
  "-",
  "*",
  "/",
  "%",
  "^",
  "!",
  "<",
  ">",
  "?",
  ":",
  "=",
  "~",
  "$",
  "|",
];

export function awkTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const skip = /^(?:[ \t\r]+|#[^\n]*|\\\n)/.exec(rest);
    if (skip) {
      at += skip[0].length;
      continue;
    }
    const [token, length] = nextToken(rest, tokens.at(-1));
    tokens.push(token);
    at += length;
  }
  tokens.push({ kind: "end", text: "end of program" });
  return tokens;
}

function nextToken(rest: string, before: Token | undefined): [Token, number] {
  if (rest.startsWith("\n")) return [{ kind: "newline", text: "\n" }, 1];
  if (rest.startsWith('"')) return stringToken(rest);
  if (rest.startsWith("/") && !endsOperand(before)) return regexToken(rest);
  const number = /^(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(rest);
  if (number) return [{ kind: "number", text: number[0] }, number[0].length];
  const name = /^[A-Za-z_]\w*/.exec(rest)?.[0];
  if (name !== undefined) return [{ kind: rest[name.length] === "(" ? "call" : "name", text: name }, name.length];
  const operator = operators.find((one) => rest.startsWith(one));
  if (operator === undefined) throw new Failure(`cmd. line:1: Unexpected token ${rest.slice(0, 1)}`);
  return [{ kind: "operator", text: operator }, operator.length];
}

const keywordsBeforeOperand = new Set(["print", "printf", "return", "in", "if", "while", "exit", "do", "else"]);

function endsOperand(token: Token | undefined): boolean {
  if (!token) return false;
  if (token.kind === "name") return !keywordsBeforeOperand.has(token.text);
  return ["number", "string"].includes(token.kind) || [")", "]", "$", "++", "--"].includes(token.text);
}

function stringToken(rest: string): [Token, number] {
  let text = "";
  for (let at = 1; at < rest.length; ) {
    const char = rest[at] ?? "";
    if (char === '"') return [{ kind: "string", text }, at + 1];
    if (char !== "\\") {
      text += char;
      at++;
      continue;
    }
    const next = rest[at + 1] ?? "";
    if (next === '"' || next === "/") {
      text += next;
      at += 2;
      continue;
    }
    const escape = oneEscape(rest.slice(at, at + 5), false);
    text += escape.char;
    at += escape.length;
  }
  throw new Failure("cmd. line:1: Unterminated string");
}

function regexToken(rest: string): [Token, number] {
  let inSet = false;
  for (let at = 1; at < rest.length; at++) {
    const char = rest[at];
    if (char === "\\") at++;
    else if (char === "[") inSet = true;
    else if (char === "]") inSet = false;
    else if (char === "/" && !inSet) return [{ kind: "regex", text: rest.slice(1, at).replaceAll("\\/", "/") }, at + 1];
  }
  throw new Failure("cmd. line:1: Unterminated regex");
}
