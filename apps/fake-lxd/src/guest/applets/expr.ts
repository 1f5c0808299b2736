import { type Applet, Failure, UsageError } from "./lib/applet.ts";
import { compileRegex } from "./lib/regex.ts";

/** expr: | & = < > <= >= != + - * / % : and the word operators. Exits 1 when the result is empty or 0. */
export const expr: Applet = async (io, args) => {
  if (args.length === 0) throw new UsageError("usage: expr EXPRESSION", 2);
  const parser = new Expression(args);
  const value = parser.or();
  parser.end();
  await io.out(`${value}\n`);
  return value === "" || value === "0" ? 1 : 0;
};

function syntax(): Failure {
  return new Failure("syntax error", 2);
}

class Expression {
  readonly #words: string[];
  #at = 0;

  constructor(words: string[]) {
    this.#words = words;
  }

  end(): void {
    if (this.#at < this.#words.length) throw syntax();
  }

  #take(...operators: string[]): string | undefined {
    const word = this.#words[this.#at];
    if (word === undefined || !operators.includes(word)) return undefined;
    this.#at++;
    return word;
  }

  or(): string {
    let left = this.#and();
    while (this.#take("|")) {
      const right = this.#and();
      if (isNull(left)) left = isNull(right) ? "0" : right;
    }
    return left;
  }

  #and(): string {
    let left = this.#comparison();
    while (this.#take("&")) {
      const right = this.#comparison();
      if (isNull(left) || isNull(right)) left = "0";
    }
    return left;
  }

  #comparison(): string {
    let left = this.#sum();
    for (
      let operator = this.#take("=", "==", "!=", "<", ">", "<=", ">=");
      operator;
      operator = this.#take("=", "==", "!=", "<", ">", "<=", ">=")
    ) {
      left = compare(operator, left, this.#sum()) ? "1" : "0";
    }
    return left;
  }

  #sum(): string {
    let left = this.#product();
    for (let operator = this.#take("+", "-"); operator; operator = this.#take("+", "-")) {
      const right = integer(this.#product());
      left = String(operator === "+" ? integer(left) + right : integer(left) - right);
    }
    return left;
  }

  #product(): string {
    let left = this.#match();
    for (let operator = this.#take("*", "/", "%"); operator; operator = this.#take("*", "/", "%")) {
      const right = integer(this.#match());
      if (operator !== "*" && right === 0n) throw new Failure("division by zero", 2);
      left = String(
        operator === "*" ? integer(left) * right : operator === "/" ? integer(left) / right : integer(left) % right,
      );
    }
    return left;
  }

  #match(): string {
    let left = this.#primary();
    while (this.#take(":")) left = matched(left, this.#primary());
    return left;
  }

  #primary(): string {
    const word = this.#words[this.#at++];
    if (word === undefined) throw syntax();
    switch (word) {
      case "(": {
        const value = this.or();
        if (!this.#take(")")) throw syntax();
        return value;
      }
      case "length":
        return String(this.#primary().length);
      case "match":
        return matched(this.#primary(), this.#primary());
      case "index":
        return index(this.#primary(), this.#primary());
      case "substr":
        return substring(this.#primary(), this.#primary(), this.#primary());
      case "quote":
        return this.#words[this.#at++] ?? "";
      default:
        return word;
    }
  }
}

function isNull(value: string): boolean {
  return value === "" || /^-?0+$/.test(value);
}

function integer(text: string): bigint {
  if (!/^-?\d+$/.test(text)) throw new Failure("non-numeric argument", 2);
  return BigInt(text);
}

function compare(operator: string, a: string, b: string): boolean {
  const numeric = /^-?\d+$/.test(a) && /^-?\d+$/.test(b);
  const order = numeric ? Number(integer(a) - integer(b)) : a < b ? -1 : a > b ? 1 : 0;
  switch (operator) {
    case "=":
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case ">":
      return order > 0;
    case "<=":
      return order <= 0;
    default:
      return order >= 0;
  }
}

function matched(text: string, pattern: string): string {
  const found = compileRegex(`^${pattern.replace(/^\^/, "")}`, { extended: false }).exec(text);
  if (/\\\(/.test(pattern)) return found?.[1] ?? "";
  return String(found?.[0].length ?? 0);
}

function index(text: string, chars: string): string {
  return String(text.split("").findIndex((char) => chars.includes(char)) + 1);
}

function substring(text: string, position: string, length: string): string {
  const from = Number(integer(position));
  const count = Number(integer(length));
  return from < 1 || count < 1 ? "" : text.slice(from - 1, from - 1 + count);
}
