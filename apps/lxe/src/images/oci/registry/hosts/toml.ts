/**
 * TOML as far as hosts.toml files use it: tables, dotted and quoted keys, one-line strings, whole numbers, booleans, arrays and
 * inline tables. Anything else (dates, fractions, multi-line strings, arrays of tables) is refused, with its line.
 */

export type TomlValue = string | number | boolean | readonly TomlValue[] | TomlTable;
/** In the order of the file. */
export type TomlTable = ReadonlyMap<string, TomlValue>;

type Table = Map<string, TomlValue>;

const ESCAPES: Readonly<Record<string, string>> = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", '"': '"', "\\": "\\" };
const BARE_KEY = /[A-Za-z0-9_-]+/uy;
const BLANKS = /[ \t]*/uy;
const COMMENT = /#[^\n]*/uy;
const LITERAL = /'([^'\n]*)'/uy;
const INTEGER = /[+-]?(?:0|[1-9](?:_?[0-9])*)(?![0-9.:eE_-])/uy;
const WORD = /true\b|false\b/uy;

/** @throws Error which names the line. */
export function parseToml(text: string): TomlTable {
  return new Parser(text.replaceAll("\r\n", "\n")).document();
}

class Parser {
  readonly #text: string;
  readonly #headers = new Set<Table>();
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): TomlTable {
    const root: Table = new Map();
    let table = root;
    for (this.#skipLines(); this.#position < this.#text.length; this.#skipLines()) {
      if (this.#accept("[")) table = this.#header(root);
      else this.#keyValue(table);
      this.#endOfLine();
    }
    return root;
  }

  #header(root: Table): Table {
    if (this.#accept("[")) throw this.#error("arrays of tables are not supported");
    const table = this.#keys().reduce((parent, key) => this.#tableIn(parent, key), root);
    this.#expect("]");
    if (this.#headers.has(table)) throw this.#error("the table was there before");
    this.#headers.add(table);
    return table;
  }

  #keyValue(table: Table): void {
    const keys = this.#keys();
    const last = keys.pop() ?? "";
    const parent = keys.reduce((within, key) => this.#tableIn(within, key), table);
    this.#expect("=");
    if (parent.has(last)) throw this.#error(`${last} was there before`);
    parent.set(last, this.#value());
  }

  #tableIn(parent: Table, key: string): Table {
    const existing = parent.get(key);
    if (existing instanceof Map) return existing;
    if (existing !== undefined) throw this.#error(`${key} is no table`);
    const table: Table = new Map();
    parent.set(key, table);
    return table;
  }

  #keys(): string[] {
    const keys = [this.#key()];
    while (this.#accept(".")) keys.push(this.#key());
    return keys;
  }

  #key(): string {
    this.#skip(BLANKS);
    const next = this.#text[this.#position];
    if (next === '"') return this.#basicString();
    if (next === "'") return this.#literalString();
    return this.#match(BARE_KEY)?.[0] ?? this.#fail("a key is expected");
  }

  #value(): TomlValue {
    this.#skip(BLANKS);
    const next = this.#text[this.#position];
    if (next === '"') return this.#basicString();
    if (next === "'") return this.#literalString();
    if (next === "[") return this.#array();
    if (next === "{") return this.#inlineTable();
    const word = this.#match(WORD)?.[0];
    if (word !== undefined) return word === "true";
    const number = this.#match(INTEGER)?.[0];
    return number === undefined ? this.#fail("a value is expected") : Number(number.replaceAll("_", ""));
  }

  #array(): TomlValue[] {
    this.#expect("[");
    const values: TomlValue[] = [];
    for (this.#skipLines(); !this.#accept("]"); this.#skipLines()) {
      values.push(this.#value());
      this.#skipLines();
      if (this.#accept(",")) continue;
      this.#expect("]");
      break;
    }
    return values;
  }

  #inlineTable(): TomlTable {
    this.#expect("{");
    const table: Table = new Map();
    if (this.#accept("}")) return table;
    do this.#keyValue(table);
    while (this.#accept(","));
    this.#expect("}");
    return table;
  }

  #basicString(): string {
    if (this.#text.startsWith('"""', this.#position)) throw this.#error("strings of several lines are not supported");
    let result = "";
    for (this.#position += 1; ; this.#position += 1) {
      const char = this.#text[this.#position];
      if (char === undefined || char === "\n") throw this.#error("a string has no end");
      if (char === '"') break;
      result += char === "\\" ? this.#escape() : char;
    }
    this.#position += 1;
    return result;
  }

  /** Leaves the position at the escape's last character. */
  #escape(): string {
    this.#position += 1;
    const char = this.#text[this.#position] ?? "";
    const simple = ESCAPES[char];
    if (simple !== undefined) return simple;
    const length = { u: 4, U: 8 }[char];
    const digits = this.#text.slice(this.#position + 1, this.#position + 1 + (length ?? 0));
    const code = Number.parseInt(digits, 16);
    if (length === undefined || !/^[0-9a-fA-F]+$/u.test(digits) || digits.length !== length || code > 0x10ffff) {
      throw this.#error("a string has an unknown escape");
    }
    this.#position += length;
    return String.fromCodePoint(code);
  }

  #literalString(): string {
    if (this.#text.startsWith("'''", this.#position)) throw this.#error("strings of several lines are not supported");
    return this.#match(LITERAL)?.[1] ?? this.#fail("a string has no end");
  }

  #endOfLine(): void {
    this.#skip(BLANKS);
    this.#skip(COMMENT);
    if (this.#position < this.#text.length && this.#text[this.#position] !== "\n")
      throw this.#error("the line should end here");
  }

  #skipLines(): void {
    for (;;) {
      this.#skip(BLANKS);
      this.#skip(COMMENT);
      if (this.#text[this.#position] !== "\n") return;
      this.#position += 1;
    }
  }

  /** Skips blanks, too. */
  #accept(char: string): boolean {
    this.#skip(BLANKS);
    if (this.#text[this.#position] !== char) return false;
    this.#position += 1;
    return true;
  }

  #expect(char: string): void {
    if (!this.#accept(char)) throw this.#error(`${char} is expected`);
  }

  #skip(pattern: RegExp): void {
    this.#match(pattern);
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#position += match[0].length;
    return match;
  }

  #fail(message: string): never {
    throw this.#error(message);
  }

  #error(message: string): Error {
    const line = this.#text.slice(0, this.#position).split("\n").length;
    return new Error(`line ${line}: ${message}`);
  }
}
