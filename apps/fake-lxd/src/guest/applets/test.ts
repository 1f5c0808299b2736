/** test, [ and [[ */
import { Errno } from "../core/errno.ts";
import type { Process } from "../core/process.ts";
import { matches } from "../shell/pattern.ts";
import { access, lstat, stat } from "../sys/files.ts";
import { isTty } from "../sys/io.ts";
import { R_OK, W_OK, X_OK } from "../vfs/credentials.ts";
import { S_IFMT, type Stat, typeOf } from "../vfs/types.ts";
import { type Applet, type AppletIo, Failure } from "./lib/applet.ts";

export const test: Applet = async (io, args) => evaluate(io, args);

export const bracket: Applet = async (io, args) => {
  if (args.at(-1) !== "]") throw new Failure("missing ]", 2);
  return evaluate(io, args.slice(0, -1));
};

export const doubleBracket: Applet = async (io, args) => {
  if (args.at(-1) !== "]]") throw new Failure("missing ]]", 2);
  return evaluate(io, args.slice(0, -1), true);
};

function evaluate(io: AppletIo, args: string[], patterns = false): number {
  if (args.length === 0) return 1;
  const expression = new Expression(io.process, args, patterns);
  return expression.result() ? 0 : 1;
}

const fileTests: Record<string, (info: Stat) => boolean> = {
  e: () => true,
  f: ({ mode }) => typeOf(mode) === "file",
  d: ({ mode }) => typeOf(mode) === "directory",
  b: ({ mode }) => typeOf(mode) === "block-device",
  c: ({ mode }) => typeOf(mode) === "character-device",
  p: ({ mode }) => typeOf(mode) === "fifo",
  S: ({ mode }) => typeOf(mode) === "socket",
  s: ({ size }) => size > 0,
  u: ({ mode }) => (mode & 0o4000) !== 0,
  g: ({ mode }) => (mode & 0o2000) !== 0,
  k: ({ mode }) => (mode & 0o1000) !== 0,
};

const unary = /^-[bcdefghknprstuwxzLOGS]$/;
const binary = new Set([
  "=",
  "==",
  "!=",
  "<",
  ">",
  "-eq",
  "-ne",
  "-lt",
  "-le",
  "-gt",
  "-ge",
  "-nt",
  "-ot",
  "-ef",
  "=~",
]);

class Expression {
  readonly #process: Process;
  readonly #args: string[];
  readonly #patterns: boolean;
  #at = 0;

  constructor(process: Process, args: string[], patterns: boolean) {
    this.#process = process;
    this.#args = args;
    this.#patterns = patterns;
  }

  result(): boolean {
    const short = this.#short();
    if (short !== undefined) return short;
    const value = this.#or();
    if (this.#at < this.#args.length) throw new Failure(`${this.#args[this.#at]}: unknown operand`, 2);
    return value;
  }

  /** POSIX says what one to three arguments mean, whatever they look like. */
  #short(): boolean | undefined {
    const [a = "", b = "", c = ""] = this.#args;
    if (this.#args.length === 1) return a !== "";
    if (this.#args.length === 2 && a === "!") return b === "";
    if (this.#args.length === 3 && binary.has(b)) return this.#binary(a, b, c);
    return undefined;
  }

  #or(): boolean {
    let value = this.#and();
    while (["-o", "||"].includes(this.#args[this.#at] ?? "")) {
      this.#at++;
      const right = this.#and();
      value = value || right;
    }
    return value;
  }

  #and(): boolean {
    let value = this.#not();
    while (["-a", "&&"].includes(this.#args[this.#at] ?? "")) {
      this.#at++;
      const right = this.#not();
      value = value && right;
    }
    return value;
  }

  #not(): boolean {
    if (this.#args[this.#at] === "!" && !binary.has(this.#args[this.#at + 1] ?? "")) {
      this.#at++;
      return !this.#not();
    }
    return this.#primary();
  }

  #primary(): boolean {
    const first = this.#args[this.#at];
    if (first === undefined) throw new Failure("argument expected", 2);
    const second = this.#args[this.#at + 1];
    if (second !== undefined && binary.has(second)) {
      const third = this.#args[this.#at + 2];
      if (third === undefined) throw new Failure("argument expected", 2);
      this.#at += 3;
      return this.#binary(first, second, third);
    }
    if (first === "(") return this.#parentheses();
    if (unary.test(first) && second !== undefined) {
      this.#at += 2;
      return this.#unary(first.slice(1), second);
    }
    this.#at++;
    return first !== "";
  }

  #parentheses(): boolean {
    this.#at++;
    const value = this.#or();
    if (this.#args[this.#at++] !== ")") throw new Failure("closing paren expected", 2);
    return value;
  }

  #binary(left: string, operator: string, right: string): boolean {
    switch (operator) {
      case "=":
      case "==":
        return this.#patterns ? matches(right, left) : left === right;
      case "!=":
        return this.#patterns ? !matches(right, left) : left !== right;
      case "=~":
        return new RegExp(right).test(left);
      case "<":
        return left < right;
      case ">":
        return left > right;
      case "-nt":
        return this.#newer(left, right);
      case "-ot":
        return this.#newer(right, left);
      case "-ef":
        return this.#same(left, right);
      default:
        return compare(operator, integer(left), integer(right));
    }
  }

  #unary(letter: string, operand: string): boolean {
    switch (letter) {
      case "n":
        return operand !== "";
      case "z":
        return operand === "";
      case "t":
        return isTty(this.#process, Number(integer(operand)));
      case "r":
        return this.#allowed(operand, R_OK);
      case "w":
        return this.#allowed(operand, W_OK);
      case "x":
        return this.#allowed(operand, X_OK);
      case "h":
      case "L":
        return typeOf(this.#info(operand, false)?.mode ?? S_IFMT) === "symlink";
      case "O":
        return this.#info(operand)?.uid === this.#process.credentials.euid;
      case "G":
        return this.#info(operand)?.gid === this.#process.credentials.egid;
      default: {
        const info = this.#info(operand);
        return info !== undefined && (fileTests[letter]?.(info) ?? false);
      }
    }
  }

  #info(path: string, follow = true): Stat | undefined {
    try {
      return follow ? stat(this.#process, path) : lstat(this.#process, path);
    } catch (error) {
      if (error instanceof Errno) return undefined;
      throw error;
    }
  }

  #allowed(path: string, wanted: number): boolean {
    try {
      access(this.#process, path, wanted);
      return true;
    } catch (error) {
      if (error instanceof Errno) return false;
      throw error;
    }
  }

  #newer(a: string, b: string): boolean {
    const first = this.#info(a);
    const second = this.#info(b);
    return first !== undefined && (second === undefined || first.mtimeMs > second.mtimeMs);
  }

  #same(a: string, b: string): boolean {
    const first = this.#info(a);
    const second = this.#info(b);
    return first !== undefined && second !== undefined && first.dev === second.dev && first.ino === second.ino;
  }
}

function integer(text: string): bigint {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new Failure(`${text}: bad number`, 2);
  return BigInt(text.trim().replace(/^\+/, ""));
}

function compare(operator: string, left: bigint, right: bigint): boolean {
  switch (operator) {
    case "-eq":
      return left === right;
    case "-ne":
      return left !== right;
    case "-lt":
      return left < right;
    case "-le":
      return left <= right;
    case "-gt":
      return left > right;
    default:
      return left >= right;
  }
}
