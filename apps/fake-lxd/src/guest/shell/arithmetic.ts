/** `$(( ))`: C's integer expressions on 64 bits, over the shell's variables. */

export interface ArithmeticVariables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

export class ArithmeticError extends Error {}

const tokenPattern =
  /\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^~!<>=?:(),])/y;

const precedence: Record<string, number> = {
  "||": 1,
  "&&": 2,
  "|": 3,
  "^": 4,
  "&": 5,
  "==": 6,
  "!=": 6,
  "<": 7,
  "<=": 7,
  ">": 7,
  ">=": 7,
  "<<": 8,
  ">>": 8,
  "+": 9,
  "-": 9,
  "*": 10,
  "/": 10,
  "%": 10,
  "**": 11,
};

const assignments = new Set(["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="]);
const depthMax = 64;

function syntax(): ArithmeticError {
  return new ArithmeticError("arithmetic syntax error");
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  for (let at = 0; at < text.length; at = tokenPattern.lastIndex) {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(text);
    if (!match) {
      if (text.slice(at).trim() === "") break;
      throw syntax();
    }
    tokens.push(match[1] ?? "");
  }
  return tokens;
}

/** Throws an `ArithmeticError`. An empty expression is 0. */
export function evaluateArithmetic(text: string, variables: ArithmeticVariables, depth = 0): bigint {
  if (depth > depthMax) throw new ArithmeticError("expression recursion loop detected");
  const tokens = tokenize(text);
  if (tokens.length === 0) return 0n;
  const evaluator = new Evaluator(tokens, variables, depth);
  return evaluator.all();
}

function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

class Evaluator {
  readonly #tokens: string[];
  readonly #variables: ArithmeticVariables;
  readonly #depth: number;
  #at = 0;
  /** Above 0: in a branch that is not taken; nothing is assigned or divided. */
  #dry = 0;

  constructor(tokens: string[], variables: ArithmeticVariables, depth: number) {
    this.#tokens = tokens;
    this.#variables = variables;
    this.#depth = depth;
  }

  all(): bigint {
    const value = this.#comma();
    if (this.#at < this.#tokens.length) throw syntax();
    return value;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at++;
    return true;
  }

  #comma(): bigint {
    let value = this.#assignment();
    while (this.#take(",")) value = this.#assignment();
    return value;
  }

  #assignment(): bigint {
    const name = this.#peek() ?? "";
    const operator = this.#tokens[this.#at + 1] ?? "";
    if (!/^[A-Za-z_]/.test(name) || !assignments.has(operator)) return this.#ternary();
    this.#at += 2;
    const right = this.#assignment();
    return this.#store(name, operator === "=" ? right : this.#binary(operator.slice(0, -1), this.#read(name), right));
  }

  #ternary(): bigint {
    const condition = this.#operators(1);
    if (!this.#take("?")) return condition;
    const first = this.#branch(condition !== 0n, () => this.#comma());
    if (!this.#take(":")) throw syntax();
    const second = this.#branch(condition === 0n, () => this.#ternary());
    return condition !== 0n ? first : second;
  }

  #branch(taken: boolean, run: () => bigint): bigint {
    if (!taken) this.#dry++;
    const value = run();
    if (!taken) this.#dry--;
    return value;
  }

  #operators(least: number): bigint {
    let left = this.#unary();
    for (;;) {
      const operator = this.#peek() ?? "";
      const level = precedence[operator];
      if (level === undefined || level < least) return left;
      this.#at++;
      left = this.#right(operator, level, left);
    }
  }

  #right(operator: string, level: number, left: bigint): bigint {
    if (operator === "&&" || operator === "||") {
      const decided = operator === "&&" ? left === 0n : left !== 0n;
      const right = this.#branch(!decided, () => this.#operators(level + 1));
      if (decided) return operator === "&&" ? 0n : 1n;
      return right !== 0n ? 1n : 0n;
    }
    const right = this.#operators(operator === "**" ? level : level + 1);
    return this.#binary(operator, left, right);
  }

  #binary(operator: string, left: bigint, right: bigint): bigint {
    switch (operator) {
      case "+":
        return wrap(left + right);
      case "-":
        return wrap(left - right);
      case "*":
        return wrap(left * right);
      case "/":
        return this.#divide(left, right, (a, b) => a / b);
      case "%":
        return this.#divide(left, right, (a, b) => a % b);
      case "**":
        return power(left, right);
      case "<<":
        return wrap(left << (right & 63n));
      case ">>":
        return left >> (right & 63n);
      case "<":
        return truth(left < right);
      case "<=":
        return truth(left <= right);
      case ">":
        return truth(left > right);
      case ">=":
        return truth(left >= right);
      case "==":
        return truth(left === right);
      case "!=":
        return truth(left !== right);
      case "&":
        return left & right;
      case "|":
        return left | right;
      case "^":
        return left ^ right;
      default:
        throw syntax();
    }
  }

  #divide(left: bigint, right: bigint, by: (a: bigint, b: bigint) => bigint): bigint {
    if (this.#dry > 0) return 0n;
    if (right === 0n) throw new ArithmeticError("divide by zero");
    return wrap(by(left, right));
  }

  #unary(): bigint {
    const token = this.#tokens[this.#at++];
    switch (token) {
      case "-":
        return wrap(-this.#unary());
      case "+":
        return this.#unary();
      case "!":
        return this.#unary() === 0n ? 1n : 0n;
      case "~":
        return ~this.#unary();
      case "++":
      case "--":
        return this.#stepBefore(token);
      case "(": {
        const value = this.#comma();
        if (!this.#take(")")) throw syntax();
        return value;
      }
      default:
        return this.#operand(token);
    }
  }

  #stepBefore(operator: string): bigint {
    const name = this.#tokens[this.#at++] ?? "";
    if (!/^[A-Za-z_]/.test(name)) throw syntax();
    return this.#store(name, wrap(this.#read(name) + (operator === "++" ? 1n : -1n)));
  }

  #operand(token: string | undefined): bigint {
    if (token === undefined) throw syntax();
    if (/^\d/.test(token)) return number(token);
    if (!/^[A-Za-z_]/.test(token)) throw syntax();
    const value = this.#read(token);
    const next = this.#peek();
    if (next === "++" || next === "--") {
      this.#at++;
      this.#store(token, wrap(value + (next === "++" ? 1n : -1n)));
    }
    return value;
  }

  #read(name: string): bigint {
    return evaluateArithmetic(this.#variables.get(name) ?? "", this.#variables, this.#depth + 1);
  }

  #store(name: string, value: bigint): bigint {
    if (this.#dry === 0) this.#variables.set(name, String(value));
    return value;
  }
}

function number(token: string): bigint {
  if (/^0\d/.test(token)) {
    if (!/^[0-7]+$/.test(token)) throw syntax();
    return wrap(BigInt(`0o${token.slice(1)}`));
  }
  return wrap(BigInt(token));
}

function power(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) throw new ArithmeticError("exponent less than 0");
  let result = 1n;
  let factor = base;
  for (let left = BigInt.asUintN(64, exponent); left > 0n; left >>= 1n) {
    if (left & 1n) result = wrap(result * factor);
    factor = wrap(factor * factor);
  }
  return result;
}

function truth(value: boolean): bigint {
  return value ? 1n : 0n;
}
