/** awk programs to syntax trees. */
import type { AwkFunction, AwkProgram, Expression, Rule, Statement } from "./awk-ast.ts";
import { awkTokens, type Token } from "./awk-tokens.ts";
import { Failure } from "./applet.ts";

const assignments = new Set(["=", "+=", "-=", "*=", "/=", "%=", "^=", "**="]);
const comparisons = new Set(["<", "<=", ">", ">=", "==", "!="]);

export function parseAwk(text: string): AwkProgram {
  return new AwkParser(awkTokens(text)).program();
}

class AwkParser {
  readonly #tokens: Token[];
  #at = 0;
  /** In the arguments of print `>` redirects. */
  #noGreater = false;
  /** In the head of a `for` the word `in` belongs to it. */
  #noIn = false;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  program(): AwkProgram {
    const rules: Rule[] = [];
    const functions = new Map<string, AwkFunction>();
    for (this.#skipEnds(); this.#peek().kind !== "end"; this.#skipEnds()) {
      if (this.#is("function") || this.#is("func")) this.#function(functions);
      else rules.push(this.#rule());
    }
    return { rules, functions };
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? { kind: "end", text: "" };
  }

  #is(text: string): boolean {
    const { kind, text: found } = this.#peek();
    return found === text && kind !== "string" && kind !== "regex";
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#unexpected();
  }

  #unexpected(): Failure {
    return new Failure(`cmd. line:1: Unexpected token ${this.#peek().text.trim() || "end of line"}`);
  }

  #skipNewlines(): void {
    while (this.#peek().kind === "newline") this.#at++;
  }

  #skipEnds(): void {
    while (this.#peek().kind === "newline" || this.#is(";")) this.#at++;
  }

  #function(functions: Map<string, AwkFunction>): void {
    this.#at++;
    const name = this.#name();
    this.#expect("(");
    const parameters: string[] = [];
    while (!this.#take(")")) {
      parameters.push(this.#name());
      this.#take(",");
    }
    this.#skipNewlines();
    functions.set(name, { parameters, body: this.#block() });
  }

  #name(): string {
    const token = this.#peek();
    if (token.kind !== "name" && token.kind !== "call") throw this.#unexpected();
    this.#at++;
    return token.text;
  }

  #rule(): Rule {
    if (this.#take("BEGIN")) return { pattern: "BEGIN", last: null, body: this.#block() };
    if (this.#take("END")) return { pattern: "END", last: null, body: this.#block() };
    const pattern = this.#is("{") ? null : this.#expression();
    const last = pattern && this.#take(",") ? this.#expression() : null;
    return { pattern, last, body: this.#is("{") ? this.#block() : null };
  }

  #block(): Statement {
    this.#expect("{");
    const body: Statement[] = [];
    for (this.#skipEnds(); !this.#take("}"); this.#skipEnds()) body.push(this.#statement());
    return { kind: "block", body };
  }

  // --- statements ---------------------------------------------------------------------------------------------------

  #statement(): Statement {
    if (this.#is("{")) return this.#block();
    const { text, kind } = this.#peek();
    if (kind === "name" || kind === "call") {
      const made = this.#keyword(text);
      if (made) return made;
    }
    const simple = this.#simple();
    this.#endOfStatement();
    return simple;
  }

  #keyword(word: string): Statement | undefined {
    switch (word) {
      case "if":
        return this.#if();
      case "while":
        return this.#while();
      case "do":
        return this.#do();
      case "for":
        return this.#for();
      case "next":
      case "break":
      case "continue":
        this.#at++;
        this.#endOfStatement();
        return { kind: word };
      case "exit":
      case "return": {
        this.#at++;
        const value = this.#atEnd() ? null : this.#expression();
        this.#endOfStatement();
        return { kind: word, value };
      }
      default:
        return undefined;
    }
  }

  #atEnd(): boolean {
    return ["newline", "end"].includes(this.#peek().kind) || this.#is(";") || this.#is("}");
  }

  #endOfStatement(): void {
    if (!this.#atEnd()) throw this.#unexpected();
    this.#take(";");
  }

  #body(): Statement {
    this.#skipNewlines();
    if (this.#take(";")) return { kind: "block", body: [] };
    return this.#statement();
  }

  #condition(): Expression {
    this.#expect("(");
    const condition = this.#expression();
    this.#expect(")");
    return condition;
  }

  #if(): Statement {
    this.#at++;
    const condition = this.#condition();
    const yes = this.#body();
    const mark = this.#at;
    this.#skipEnds();
    if (this.#take("else")) return { kind: "if", condition, yes, no: this.#body() };
    this.#at = mark;
    return { kind: "if", condition, yes, no: null };
  }

  #while(): Statement {
    this.#at++;
    return { kind: "while", condition: this.#condition(), body: this.#body() };
  }

  #do(): Statement {
    this.#at++;
    const body = this.#body();
    this.#skipEnds();
    this.#expect("while");
    return { kind: "do", condition: this.#condition(), body };
  }

  #for(): Statement {
    this.#at++;
    this.#expect("(");
    if (this.#peek(1).text === "in" && this.#peek(3).text === ")") {
      const name = this.#name();
      this.#at++;
      const array = this.#name();
      this.#expect(")");
      return { kind: "forIn", name, array, body: this.#body() };
    }
    this.#noIn = true;
    const start = this.#is(";") ? null : this.#simple();
    this.#noIn = false;
    this.#expect(";");
    const condition = this.#is(";") ? null : this.#expression();
    this.#expect(";");
    const step = this.#is(")") ? null : this.#simple();
    this.#expect(")");
    return { kind: "for", start, condition, step, body: this.#body() };
  }

  #simple(): Statement {
    if (this.#is("print") || this.#is("printf")) return this.#print();
    if (this.#take("delete")) {
      const name = this.#name();
      return { kind: "delete", name, index: this.#take("[") ? this.#list("]") : null };
    }
    return { kind: "expression", expression: this.#expression() };
  }

  #print(): Statement {
    const kind = this.#is("printf") ? "printf" : "print";
    this.#at++;
    const noGreater = this.#noGreater;
    this.#noGreater = true;
    const args = this.#printArguments();
    this.#noGreater = noGreater;
    for (const operator of [">>", ">", "|"] as const) {
      if (this.#take(operator)) return { kind, args, redirect: { operator, target: this.#concatenation() } };
    }
    return { kind, args, redirect: null };
  }

  /** `print (a, b)` is a list in parentheses, `print (a) b` an expression that starts with them. */
  #printArguments(): Expression[] {
    const ends = () => this.#atEnd() || this.#is(">") || this.#is(">>") || this.#is("|");
    if (ends()) return [];
    if (this.#is("(")) {
      const mark = this.#at;
      this.#at++;
      this.#noGreater = false;
      const list = this.#list(")");
      this.#noGreater = true;
      if (ends()) return list;
      this.#at = mark;
    }
    const list = [this.#expression()];
    while (this.#take(",")) {
      this.#skipNewlines();
      list.push(this.#expression());
    }
    return list;
  }

  #list(closer: string): Expression[] {
    const list: Expression[] = [];
    while (!this.#take(closer)) {
      this.#skipNewlines();
      list.push(this.#expression());
      this.#skipNewlines();
      if (!this.#is(closer)) this.#expect(",");
    }
    return list;
  }

  // --- expressions --------------------------------------------------------------------------------------------------

  #expression(): Expression {
    const left = this.#conditional();
    const operator = this.#peek().text;
    if (this.#peek().kind !== "operator" || !assignments.has(operator)) return left;
    if (!["variable", "element", "field"].includes(left.kind)) throw this.#unexpected();
    this.#at++;
    this.#skipNewlines();
    return { kind: "assign", operator, target: left, value: this.#expression() };
  }

  #conditional(): Expression {
    const condition = this.#or();
    if (!this.#take("?")) return condition;
    const yes = this.#expression();
    this.#expect(":");
    return { kind: "conditional", condition, yes, no: this.#expression() };
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take("||")) {
      this.#skipNewlines();
      left = { kind: "binary", operator: "||", left, right: this.#and() };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#membership();
    while (this.#take("&&")) {
      this.#skipNewlines();
      left = { kind: "binary", operator: "&&", left, right: this.#membership() };
    }
    return left;
  }

  #membership(): Expression {
    let left = this.#matching();
    while (!this.#noIn && this.#take("in")) left = { kind: "in", name: this.#name(), index: [left] };
    return left;
  }

  #matching(): Expression {
    let left = this.#comparison();
    while (this.#is("~") || this.#is("!~")) {
      const operator = this.#peek().text;
      this.#at++;
      left = { kind: "binary", operator, left, right: this.#comparison() };
    }
    return left;
  }

  #comparison(): Expression {
    const left = this.#concatenation();
    const operator = this.#peek().text;
    if (this.#peek().kind !== "operator" || !comparisons.has(operator) || (operator === ">" && this.#noGreater))
      return left;
    this.#at++;
    return { kind: "binary", operator, left, right: this.#concatenation() };
  }

  #concatenation(): Expression {
    let left = this.#sum();
    while (this.#startsOperand()) left = { kind: "binary", operator: " ", left, right: this.#sum() };
    return left;
  }

  #startsOperand(): boolean {
    const { kind, text } = this.#peek();
    if (["number", "string", "call", "regex"].includes(kind)) return true;
    if (kind === "name") return text !== "in" && text !== "getline";
    return kind === "operator" && ["$", "!", "(", "-", "+", "++", "--"].includes(text);
  }

  #sum(): Expression {
    let left = this.#product();
    while (this.#is("+") || this.#is("-")) {
      const operator = this.#peek().text;
      this.#at++;
      left = { kind: "binary", operator, left, right: this.#product() };
    }
    return left;
  }

  #product(): Expression {
    let left = this.#unary();
    while (this.#is("*") || this.#is("/") || this.#is("%")) {
      const operator = this.#peek().text;
      this.#at++;
      left = { kind: "binary", operator, left, right: this.#unary() };
    }
    return left;
  }

  #unary(): Expression {
    for (const operator of ["!", "-", "+"])
      if (this.#take(operator)) return { kind: "unary", operator, operand: this.#unary() };
    return this.#power();
  }

  #power(): Expression {
    const base = this.#postfix();
    if (!this.#take("^") && !this.#take("**")) return base;
    return { kind: "binary", operator: "^", left: base, right: this.#unary() };
  }

  #postfix(): Expression {
    for (const operator of ["++", "--"] as const)
      if (this.#take(operator)) return { kind: "step", operator, before: true, target: this.#postfix() };
    const operand = this.#primary();
    if (!["variable", "element", "field"].includes(operand.kind)) return operand;
    for (const operator of ["++", "--"] as const)
      if (this.#take(operator)) return { kind: "step", operator, before: false, target: operand };
    return operand;
  }

  #primary(): Expression {
    const token = this.#peek();
    this.#at++;
    switch (token.kind) {
      case "number":
        return { kind: "number", value: Number(token.text) };
      case "string":
        return { kind: "string", value: token.text };
      case "regex":
        return { kind: "regex", source: token.text };
      case "call":
        return this.#call(token.text);
      case "name":
        return this.#named(token.text);
      default:
        return this.#symbol(token.text);
    }
  }

  #call(name: string): Expression {
    this.#at++;
    const noGreater = this.#noGreater;
    this.#noGreater = false;
    const args = this.#list(")");
    this.#noGreater = noGreater;
    return { kind: "call", name, args };
  }

  #named(name: string): Expression {
    if (name === "getline") {
      const target = this.#peek().kind === "name" || this.#is("$") ? this.#primary() : null;
      return { kind: "getline", target, file: this.#take("<") ? this.#primary() : null };
    }
    if (name === "length") return { kind: "call", name, args: [] };
    if (this.#take("[")) return { kind: "element", name, index: this.#list("]") };
    return { kind: "variable", name };
  }

  #symbol(text: string): Expression {
    if (text === "$")
      return {
        kind: "field",
        index: this.#is("-") || this.#is("++") || this.#is("--") ? this.#unary() : this.#primary(),
      };
    if (text !== "(") {
      this.#at--;
      throw this.#unexpected();
    }
    const noGreater = this.#noGreater;
    this.#noGreater = false;
    const list = this.#list(")");
    this.#noGreater = noGreater;
    const [first] = list;
    if (!first) throw this.#unexpected();
    if (list.length === 1)
      return { kind: "conditional", condition: { kind: "number", value: 1 }, yes: first, no: first };
    this.#expect("in");
    return { kind: "in", name: this.#name(), index: list };
  }
}
