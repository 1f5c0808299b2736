/** awk: the language of POSIX without pipes from commands and output pipes. */
import { closeQuietly, openFd, readFile, writeFd } from "../sys/io.ts";
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from "../core/open-file.ts";
import { Errno } from "../core/errno.ts";
import { type Applet, type AppletIo, Failure, UsageError } from "./lib/applet.ts";
import type { AwkFunction, AwkProgram, Expression, Rule, Statement } from "./lib/awk-ast.ts";
import { awkFormat, awkRegex, callPure, replaceAwk, splitText } from "./lib/awk-functions.ts";
import { parseAwk } from "./lib/awk-parser.ts";
import { compareValues, Input, toNumber, toText, toTruth, type Value } from "./lib/awk-values.ts";
import { unescape } from "./lib/escapes.ts";
import { parseOptions } from "./lib/options.ts";

export const awk: Applet = async (io, args) => {
  const options = parseOptions(args, "+F:v:f:");
  const operands = [...options.operands];
  const texts: string[] = [];
  for (const file of options.values("f")) texts.push(await readFile(io.process, file));
  if (texts.length === 0) {
    const first = operands.shift();
    if (first === undefined) throw new UsageError("usage: awk [-F SEP] [-v VAR=VAL] [-f FILE] [CMDS] [FILE]...");
    texts.push(first);
  }
  const machine = new Awk(io, parseAwk(texts.join("\n")));
  const separator = options.value("F");
  if (separator !== undefined) machine.set("FS", separator === "t" ? "\t" : unescape(separator, false).text);
  for (const text of options.values("v")) machine.assignText(text);
  return machine.run(operands);
};

class Next extends Error {}
class Exit extends Error {}
class LoopBreak extends Error {}
class LoopContinue extends Error {}

class Return extends Error {
  readonly value: Value | undefined;

  constructor(value: Value | undefined) {
    super("return");
    this.value = value;
  }
}

type Variables = Map<string, Value>;
type Arrays = Map<string, Map<string, Value>>;

interface Frame {
  variables: Variables;
  arrays: Arrays;
  names: Set<string>;
}

const callsDepthMax = 200;

class Awk {
  readonly #io: AppletIo;
  readonly #program: AwkProgram;
  readonly #globals: Variables = new Map<string, Value>([
    ["FS", " "],
    ["OFS", " "],
    ["ORS", "\n"],
    ["RS", "\n"],
    ["NR", 0],
    ["FNR", 0],
    ["SUBSEP", "\x1c"],
    ["RSTART", 0],
    ["RLENGTH", -1],
  ]);
  readonly #arrays: Arrays = new Map();
  readonly #frames: Frame[] = [];
  readonly #outputs = new Map<string, number>();
  readonly #activeRanges = new Set<Rule>();
  #record = "";
  #fields: string[] = [];
  #pending = "";
  #exitCode = 0;
  #lines: AsyncGenerator<string> | undefined;

  constructor(io: AppletIo, program: AwkProgram) {
    this.#io = io;
    this.#program = program;
    const environment = new Map<string, Value>();
    for (const [name, value] of io.env) environment.set(name, new Input(value));
    this.#arrays.set("ENVIRON", environment);
  }

  set(name: string, value: Value): void {
    this.#globals.set(name, value);
  }

  /** `name=value` of the command line. */
  assignText(text: string): void {
    const at = text.indexOf("=");
    if (at <= 0) throw new UsageError(`invalid assignment '${text}'`);
    this.set(text.slice(0, at), new Input(unescape(text.slice(at + 1), false).text));
  }

  async run(operands: string[]): Promise<number> {
    const failed: boolean[] = [];
    try {
      for (const rule of this.#program.rules) if (rule.pattern === "BEGIN") await this.#body(rule);
      const needsInput = this.#program.rules.some(({ pattern }) => pattern !== "BEGIN");
      if (needsInput) {
        this.#lines = this.#records(operands, failed);
        for await (const line of this.#lines) await this.#each(line);
      }
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
    }
    try {
      for (const rule of this.#program.rules) if (rule.pattern === "END") await this.#body(rule);
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
    }
    await this.#flush();
    for (const fd of this.#outputs.values()) closeQuietly(this.#io.process, fd);
    return this.#exitCode || (failed.length > 0 ? 2 : 0);
  }

  async *#records(operands: string[], failed: boolean[]): AsyncGenerator<string> {
    const files = operands.filter((one) => !/^[A-Za-z_]\w*=/.test(one));
    for (const one of operands) if (!files.includes(one)) this.assignText(one);
    for (const file of files.length > 0 ? files : ["-"]) {
      const fd = file === "-" ? 0 : await this.#openInput(file);
      if (fd === undefined) {
        failed.push(true);
        continue;
      }
      this.set("FILENAME", file === "-" ? "" : file);
      this.set("FNR", 0);
      yield* this.#split(fd);
      if (fd !== 0) closeQuietly(this.#io.process, fd);
    }
  }

  async #openInput(file: string): Promise<number | undefined> {
    try {
      return await openFd(this.#io.process, file, 0);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      await this.#io.warn(`${file}: ${error.text}`);
      return undefined;
    }
  }

  async *#split(fd: number): AsyncGenerator<string> {
    const separator = toText(this.#globals.get("RS"));
    if (separator === "\n") {
      for await (const batch of this.#io.lines(fd)) {
        for (const line of batch) yield line.replace(/\n$/, "");
        await this.#flush();
      }
      return;
    }
    let text = "";
    for await (const chunk of this.#io.chunks(fd)) text += chunk.toString("latin1");
    const parts = separator === "" ? text.replace(/^\n+/, "").split(/\n\n+/) : text.split(separator);
    if (parts.at(-1)?.trim() === "") parts.pop();
    yield* parts;
  }

  async #each(line: string): Promise<void> {
    this.#setRecord(line);
    this.set("NR", toNumber(this.#globals.get("NR")) + 1);
    this.set("FNR", toNumber(this.#globals.get("FNR")) + 1);
    try {
      for (const rule of this.#program.rules) if (await this.#selects(rule)) await this.#body(rule);
    } catch (error) {
      if (!(error instanceof Next)) throw error;
    }
  }

  async #selects(rule: Rule): Promise<boolean> {
    const { pattern, last } = rule;
    if (pattern === "BEGIN" || pattern === "END") return false;
    if (pattern === null) return true;
    if (!last) return toTruth(await this.#value(pattern));
    if (!this.#activeRanges.has(rule)) {
      if (!toTruth(await this.#value(pattern))) return false;
      this.#activeRanges.add(rule);
    }
    if (toTruth(await this.#value(last))) this.#activeRanges.delete(rule);
    return true;
  }

  async #body({ body }: Rule): Promise<void> {
    if (body) await this.#execute(body);
    else await this.#emit(`${this.#record}${toText(this.#globals.get("ORS"))}`);
  }

  // --- records ------------------------------------------------------------------------------------------------------

  #setRecord(text: string): void {
    this.#record = text;
    this.#fields = splitText(text, toText(this.#globals.get("FS")));
    this.set("NF", this.#fields.length);
  }

  #field(index: number): Value {
    if (index < 0) throw new Failure("cmd. line:1: Access to negative field");
    return new Input(index === 0 ? this.#record : (this.#fields[index - 1] ?? ""));
  }

  #setField(index: number, value: Value): void {
    if (index === 0) return this.#setRecord(toText(value));
    while (this.#fields.length < index) this.#fields.push("");
    this.#fields[index - 1] = toText(value);
    this.#rebuild();
  }

  #rebuild(): void {
    this.set("NF", this.#fields.length);
    this.#record = this.#fields.join(toText(this.#globals.get("OFS")));
  }

  // --- output -------------------------------------------------------------------------------------------------------

  async #emit(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length > 8192) await this.#flush();
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = "";
    await this.#io.out(text);
  }

  async #print(statement: Extract<Statement, { kind: "print" | "printf" }>): Promise<void> {
    const values: Value[] = [];
    for (const arg of statement.args) values.push((await this.#value(arg)) ?? "");
    const text = statement.kind === "printf" ? awkFormat(toText(values[0]), values.slice(1)) : this.#line(values);
    if (!statement.redirect) return this.#emit(text);
    const { operator, target } = statement.redirect;
    if (operator === "|") throw new Failure("output to a command is not supported");
    await this.#flush();
    await writeFd(this.#io.process, await this.#output(toText(await this.#value(target)), operator), text);
  }

  #line(values: Value[]): string {
    const text = values.length === 0 ? this.#record : values.map(toText).join(toText(this.#globals.get("OFS")));
    return text + toText(this.#globals.get("ORS"));
  }

  async #output(path: string, operator: ">" | ">>"): Promise<number> {
    if (path === "/dev/stdout") return 1;
    if (path === "/dev/stderr") return 2;
    const known = this.#outputs.get(path);
    if (known !== undefined) return known;
    const fd = await openFd(this.#io.process, path, O_WRONLY | O_CREAT | (operator === ">>" ? O_APPEND : O_TRUNC));
    this.#outputs.set(path, fd);
    return fd;
  }

  // --- statements ---------------------------------------------------------------------------------------------------

  async #execute(statement: Statement): Promise<void> {
    switch (statement.kind) {
      case "block":
        for (const one of statement.body) await this.#execute(one);
        return;
      case "expression":
        await this.#value(statement.expression);
        return;
      case "print":
      case "printf":
        return this.#print(statement);
      case "if":
        if (toTruth(await this.#value(statement.condition))) await this.#execute(statement.yes);
        else if (statement.no) await this.#execute(statement.no);
        return;
      case "next":
        throw new Next();
      case "break":
        throw new LoopBreak();
      case "continue":
        throw new LoopContinue();
      case "exit":
        if (statement.value) this.#exitCode = toNumber(await this.#value(statement.value)) & 255;
        throw new Exit();
      case "return":
        throw new Return(statement.value ? await this.#value(statement.value) : "");
      case "delete":
        if (statement.index) this.#array(statement.name).delete(await this.#subscript(statement.index));
        else this.#array(statement.name).clear();
        return;
      default:
        return this.#loop(statement);
    }
  }

  async #loop(statement: Extract<Statement, { kind: "while" | "do" | "for" | "forIn" }>): Promise<void> {
    const holds = async (condition: Expression | null) => condition === null || toTruth(await this.#value(condition));
    switch (statement.kind) {
      case "while":
        while ((await holds(statement.condition)) && (await this.#round(statement.body)));
        return;
      case "do":
        while ((await this.#round(statement.body)) && (await holds(statement.condition)));
        return;
      case "for":
        if (statement.start) await this.#execute(statement.start);
        while ((await holds(statement.condition)) && (await this.#round(statement.body)))
          if (statement.step) await this.#execute(statement.step);
        return;
      case "forIn":
        for (const key of Array.from(this.#array(statement.array).keys())) {
          this.#assign({ kind: "variable", name: statement.name }, new Input(key), 0);
          if (!(await this.#round(statement.body))) return;
        }
    }
  }

  /** False after a `break`. */
  async #round(body: Statement): Promise<boolean> {
    await this.#io.process.call();
    try {
      await this.#execute(body);
      return true;
    } catch (error) {
      if (error instanceof LoopBreak) return false;
      if (error instanceof LoopContinue) return true;
      throw error;
    }
  }

  // --- variables ----------------------------------------------------------------------------------------------------

  #array(name: string): Map<string, Value> {
    const frame = this.#frames.at(-1);
    const home = frame?.names.has(name) ? frame.arrays : this.#arrays;
    const known = home.get(name);
    if (known) return known;
    const made = new Map<string, Value>();
    home.set(name, made);
    return made;
  }

  #variables(name: string): Variables {
    const frame = this.#frames.at(-1);
    return frame?.names.has(name) ? frame.variables : this.#globals;
  }

  async #subscript(index: Expression[]): Promise<string> {
    const parts: string[] = [];
    for (const one of index) parts.push(toText(await this.#value(one)));
    return parts.join(toText(this.#globals.get("SUBSEP")));
  }

  /** `place`: the field's number or the element's key, computed once. */
  #assign(target: Expression, value: Value, place: number | string): void {
    if (target.kind === "field") this.#setField(Number(place), value);
    else if (target.kind === "element") this.#array(target.name).set(String(place), value);
    else if (target.kind === "variable") this.#setVariable(target.name, value);
  }

  #setVariable(name: string, value: Value): void {
    this.#variables(name).set(name, value);
    if (name !== "NF") return;
    const count = toNumber(value);
    while (this.#fields.length < count) this.#fields.push("");
    this.#fields.length = count;
    this.#rebuild();
  }

  async #place(target: Expression): Promise<number | string> {
    if (target.kind === "field") return toNumber(await this.#value(target.index));
    return target.kind === "element" ? this.#subscript(target.index) : 0;
  }

  #read(target: Expression, place: number | string): Value | undefined {
    if (target.kind === "field") return this.#field(Number(place));
    if (target.kind === "element") return this.#array(target.name).get(String(place));
    return target.kind === "variable" ? this.#variables(target.name).get(target.name) : undefined;
  }

  // --- expressions --------------------------------------------------------------------------------------------------

  async #value(expression: Expression): Promise<Value | undefined> {
    switch (expression.kind) {
      case "number":
      case "string":
        return expression.value;
      case "regex":
        return awkRegex(expression.source).test(this.#record) ? 1 : 0;
      case "variable":
        return this.#variables(expression.name).get(expression.name);
      case "element": {
        const key = await this.#subscript(expression.index);
        const array = this.#array(expression.name);
        if (!array.has(key)) array.set(key, new Input(""));
        return array.get(key);
      }
      case "field":
        return this.#field(toNumber(await this.#value(expression.index)));
      case "in":
        return this.#array(expression.name).has(await this.#subscript(expression.index)) ? 1 : 0;
      case "conditional":
        return this.#value(toTruth(await this.#value(expression.condition)) ? expression.yes : expression.no);
      default:
        return this.#compound(expression);
    }
  }

  async #compound(expression: Expression): Promise<Value | undefined> {
    switch (expression.kind) {
      case "assign":
        return this.#assignment(expression);
      case "step":
        return this.#step(expression);
      case "binary":
        return this.#binary(expression);
      case "unary":
        return this.#unary(expression);
      case "call":
        return this.#call(expression);
      case "getline":
        return this.#getline(expression);
      default:
        throw new Failure("bad expression");
    }
  }

  async #assignment({ operator, target, value }: Extract<Expression, { kind: "assign" }>): Promise<Value> {
    const place = await this.#place(target);
    const right = (await this.#value(value)) ?? "";
    const result =
      operator === "="
        ? right
        : arithmetic(operator.slice(0, -1), toNumber(this.#read(target, place)), toNumber(right));
    this.#assign(target, result, place);
    return result;
  }

  async #step({ operator, before, target }: Extract<Expression, { kind: "step" }>): Promise<Value> {
    const place = await this.#place(target);
    const old = toNumber(this.#read(target, place));
    const changed = operator === "++" ? old + 1 : old - 1;
    this.#assign(target, changed, place);
    return before ? changed : old;
  }

  async #unary({ operator, operand }: Extract<Expression, { kind: "unary" }>): Promise<Value> {
    const value = await this.#value(operand);
    if (operator === "!") return toTruth(value) ? 0 : 1;
    return operator === "-" ? -toNumber(value) : toNumber(value);
  }

  async #binary({ operator, left, right }: Extract<Expression, { kind: "binary" }>): Promise<Value> {
    const first = await this.#value(left);
    if (operator === "&&") return toTruth(first) && toTruth(await this.#value(right)) ? 1 : 0;
    if (operator === "||") return toTruth(first) || toTruth(await this.#value(right)) ? 1 : 0;
    if (operator === "~" || operator === "!~") {
      const source = right.kind === "regex" ? right.source : toText(await this.#value(right));
      return awkRegex(source).test(toText(first)) === (operator === "~") ? 1 : 0;
    }
    const second = await this.#value(right);
    if (operator === " ") return toText(first) + toText(second);
    if (/^[<>=!]/.test(operator)) return ordered(operator, compareValues(first, second)) ? 1 : 0;
    return arithmetic(operator, toNumber(first), toNumber(second));
  }

  async #getline({ target, file }: Extract<Expression, { kind: "getline" }>): Promise<Value> {
    if (file) throw new Failure("getline from a file is not supported");
    const next = await this.#lines?.next();
    if (!next || next.done) return 0;
    this.set("NR", toNumber(this.#globals.get("NR")) + 1);
    if (target) this.#assign(target, new Input(next.value), await this.#place(target));
    else this.#setRecord(next.value);
    return 1;
  }

  async #call({ name, args }: Extract<Expression, { kind: "call" }>): Promise<Value | undefined> {
    const own = this.#program.functions.get(name);
    if (own) return this.#callFunction(own, args);
    const special = await this.#special(name, args);
    if (special !== undefined) return special;
    const values: (Value | undefined)[] = [];
    for (const arg of args) values.push(await this.#value(arg));
    if (name === "length" && args.length === 0) return this.#record.length;
    const result = callPure(name, values);
    if (result === undefined) throw new Failure(`cmd. line:1: Call to undefined function`);
    return result;
  }

  /** Functions that take more than values. */
  async #special(name: string, args: Expression[]): Promise<Value | undefined> {
    const [first, second, third] = args;
    switch (name) {
      case "length":
        return first?.kind === "variable" && this.#hasArray(first.name) ? this.#array(first.name).size : undefined;
      case "sub":
      case "gsub":
        return first && second
          ? this.#substitute(
              first,
              second,
              third ?? { kind: "field", index: { kind: "number", value: 0 } },
              name === "gsub",
            )
          : undefined;
      case "match":
        return first && second ? this.#match(toText(await this.#value(first)), await this.#source(second)) : undefined;
      case "split":
        return first && second?.kind === "variable"
          ? this.#splitInto(
              toText(await this.#value(first)),
              second.name,
              third ? await this.#source(third) : toText(this.#globals.get("FS")),
            )
          : undefined;
      case "rand":
        return this.#io.process.machine.random.next();
      case "srand":
        return 0;
      case "systime":
        return Math.floor(this.#io.process.machine.now() / 1000);
      case "close":
      case "fflush":
        await this.#flush();
        return 0;
      case "system":
        throw new Failure("system() is not supported");
      default:
        return undefined;
    }
  }

  #hasArray(name: string): boolean {
    const frame = this.#frames.at(-1);
    return (frame?.names.has(name) ? frame.arrays : this.#arrays).has(name);
  }

  async #source(expression: Expression): Promise<string> {
    return expression.kind === "regex" ? expression.source : toText(await this.#value(expression));
  }

  async #substitute(pattern: Expression, by: Expression, target: Expression, all: boolean): Promise<number> {
    const place = await this.#place(target);
    const { text, count } = replaceAwk(
      toText(this.#read(target, place)),
      await this.#source(pattern),
      toText(await this.#value(by)),
      all,
    );
    if (count > 0) this.#assign(target, text, place);
    return count;
  }

  #match(text: string, source: string): number {
    const found = awkRegex(source).exec(text);
    this.set("RSTART", found ? found.index + 1 : 0);
    this.set("RLENGTH", found ? found[0].length : -1);
    return found ? found.index + 1 : 0;
  }

  #splitInto(text: string, name: string, separator: string): number {
    const array = this.#array(name);
    array.clear();
    const parts = splitText(text, separator);
    for (const [index, part] of parts.entries()) array.set(String(index + 1), new Input(part));
    return parts.length;
  }

  async #callFunction({ parameters, body }: AwkFunction, args: Expression[]): Promise<Value | undefined> {
    if (this.#frames.length > callsDepthMax) throw new Failure("too many nested calls");
    const frame: Frame = { variables: new Map(), arrays: new Map(), names: new Set(parameters) };
    for (const [index, parameter] of parameters.entries()) {
      const arg = args[index];
      // A bare name may be an array: both are passed, the function uses one.
      if (arg?.kind === "variable") frame.arrays.set(parameter, this.#array(arg.name));
      const value = arg && (await this.#value(arg));
      if (value !== undefined) frame.variables.set(parameter, value);
    }
    this.#frames.push(frame);
    try {
      await this.#execute(body);
      return "";
    } catch (error) {
      if (error instanceof Return) return error.value;
      throw error;
    } finally {
      this.#frames.pop();
    }
  }
}

function ordered(operator: string, order: number): boolean {
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "==":
      return order === 0;
    default:
      return order !== 0;
  }
}

function arithmetic(operator: string, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "%":
      return left % right;
    case "/":
      if (right === 0) throw new Failure("cmd. line:1: Division by zero");
      return left / right;
    default:
      return left ** right;
  }
}
