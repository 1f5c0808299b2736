/** The grammar of commands. One `Parser` reads a text command by command, so that a script runs up to its first error. */
import type {
  Assignment,
  Chain,
  Command,
  Compound,
  ListItem,
  Pipeline,
  Redirect,
  Script,
  SimpleCommand,
  Word,
} from "./ast.ts";
import { ShellSyntaxError } from "./syntax-error.ts";
import { type Cursor, type Nested, readHereText, readWord } from "./word-parser.ts";

const reserved = new Set([
  "if",
  "then",
  "else",
  "elif",
  "fi",
  "do",
  "done",
  "case",
  "esac",
  "while",
  "until",
  "for",
  "{",
  "}",
  "!",
  "in",
  "function",
]);
const closers = new Set(["then", "else", "elif", "fi", "do", "done", "esac", "}"]);
const redirectOperators = ["&>>", "<<-", "&>", "<<", ">>", "<&", ">&", "<>", ">|", "<", ">"] as const;
const assignmentHead = /^[A-Za-z_][A-Za-z0-9_]*=/;

interface PendingHere {
  delimiter: string;
  expand: boolean;
  stripTabs: boolean;
  fill: (text: Word) => void;
}

const nested: Nested = {
  until(cursor) {
    const parser = new Parser(cursor.text, cursor.at);
    const script = parser.scriptUntil(")");
    cursor.at = parser.position;
    return script;
  },
  whole: parseScript,
};

/** A whole text. Throws a `ShellSyntaxError`. */
export function parseScript(text: string): Script {
  const parser = new Parser(text);
  const items: ListItem[] = [];
  for (let line = parser.next(); line; line = parser.next()) items.push(...line);
  return items;
}

export class Parser {
  readonly #cursor: Cursor;
  readonly #here: PendingHere[] = [];
  readonly #more: boolean;

  /** `more`: the text may go on, so that a here-document without its end is not complete. */
  constructor(text: string, at = 0, more = false) {
    this.#more = more;
    this.#cursor = { text, at };
  }

  /** How far it has read. */
  get position(): number {
    return this.#cursor.at;
  }

  /** The next complete line of commands; null at the end. */
  next(): Script | null {
    this.#skipNewlines();
    if (this.#atEnd()) return null;
    const items = this.#list(() => this.#peek() === "\n" || this.#atEnd());
    if (this.#atEnd()) this.#readHereDocuments();
    else if (this.#peek() !== "\n") throw this.#unexpected();
    else this.#newline();
    return items;
  }

  /** Everything up to this closing character, which is consumed. */
  scriptUntil(closer: ")"): Script {
    const script = this.#compoundList(() => this.#peek() === closer);
    this.#expectChar(closer);
    return script;
  }

  // --- lists --------------------------------------------------------------------------------------------------------

  /** Commands with newlines between them, up to a closer. */
  #compoundList(closed: () => boolean): Script {
    const items: ListItem[] = [];
    for (this.#skipNewlines(); !closed(); this.#skipNewlines()) {
      if (this.#atEnd()) throw this.#unexpected();
      items.push(...this.#list(() => closed() || this.#peek() === "\n"));
    }
    return items;
  }

  #list(ends: () => boolean): ListItem[] {
    const items: ListItem[] = [];
    for (this.#skipBlanks(); !ends(); this.#skipBlanks()) {
      const chain = this.#chain();
      this.#skipBlanks();
      const background = this.#peek() === "&";
      if (background || (this.#peek() === ";" && this.#peek(1) !== ";")) this.#cursor.at++;
      else if (!ends() && !this.#atCloser()) throw this.#unexpected();
      items.push({ chain, background });
      this.#skipBlanks();
      if (this.#atCloser()) break;
    }
    return items;
  }

  #chain(): Chain {
    const first = this.#pipeline();
    const rest: { operator: "&&" | "||"; pipeline: Pipeline }[] = [];
    for (;;) {
      this.#skipBlanks();
      const operator = this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 2);
      if (operator !== "&&" && operator !== "||") return { first, rest };
      this.#cursor.at += 2;
      this.#skipNewlines();
      rest.push({ operator, pipeline: this.#pipeline() });
    }
  }

  #pipeline(): Pipeline {
    let negated = false;
    while (this.#takeReserved("!")) negated = !negated;
    const commands = [this.#command()];
    for (;;) {
      this.#skipBlanks();
      if (this.#peek() !== "|" || this.#peek(1) === "|") return { commands, negated };
      this.#cursor.at++;
      this.#skipNewlines();
      commands.push(this.#command());
    }
  }

  // --- commands -----------------------------------------------------------------------------------------------------

  #command(): Command {
    this.#skipBlanks();
    const body = this.#compound();
    if (body) return { kind: "compound", body, redirects: this.#redirects() };
    const named = this.#function();
    if (named) return named;
    return this.#simple();
  }

  #compound(): Compound | null {
    if (this.#peek() === "(") {
      this.#cursor.at++;
      return { kind: "subshell", script: this.scriptUntil(")") };
    }
    switch (this.#peekReserved()) {
      case "{":
        return this.#group();
      case "if":
        return this.#if();
      case "while":
      case "until":
        return this.#loop();
      case "for":
        return this.#for();
      case "case":
        return this.#case();
      default:
        return null;
    }
  }

  #group(): Compound {
    this.#expectReserved("{");
    const script = this.#untilReserved("}");
    this.#expectReserved("}");
    return { kind: "group", script };
  }

  #if(): Compound {
    const branches: { condition: Script; script: Script }[] = [];
    let otherwise: Script | null = null;
    for (let keyword = "if"; keyword !== "fi"; ) {
      this.#expectReserved(keyword);
      if (keyword === "else") {
        otherwise = this.#untilReserved("fi");
        keyword = "fi";
        continue;
      }
      const condition = this.#untilReserved("then");
      this.#expectReserved("then");
      const script = this.#untilReserved("elif", "else", "fi");
      branches.push({ condition, script });
      keyword = this.#peekReserved() ?? "fi";
    }
    this.#expectReserved("fi");
    return { kind: "if", branches, otherwise };
  }

  #loop(): Compound {
    const kind = this.#takeReserved("while") ? "while" : "until";
    if (kind === "until") this.#expectReserved("until");
    const condition = this.#untilReserved("do");
    return { kind, condition, script: this.#doGroup() };
  }

  #doGroup(): Script {
    this.#expectReserved("do");
    const script = this.#untilReserved("done");
    this.#expectReserved("done");
    return script;
  }

  #for(): Compound {
    this.#expectReserved("for");
    this.#skipBlanks();
    const name = this.#plainWord();
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new ShellSyntaxError("syntax error: bad for loop variable");
    this.#skipNewlines();
    let words: Word[] | null = null;
    if (this.#takeReserved("in")) words = this.#wordsOfLine();
    this.#skipBlanks();
    if (this.#peek() === ";") this.#cursor.at++;
    this.#skipNewlines();
    return { kind: "for", name, words, script: this.#doGroup() };
  }

  #wordsOfLine(): Word[] {
    const words: Word[] = [];
    for (;;) {
      this.#skipBlanks();
      const word = readWord(this.#cursor, nested);
      if (word.length === 0) return words;
      words.push(word);
    }
  }

  #case(): Compound {
    this.#expectReserved("case");
    this.#skipBlanks();
    const subject = this.#requiredWord();
    this.#skipNewlines();
    this.#expectReserved("in");
    const items: { patterns: Word[]; script: Script }[] = [];
    for (this.#skipNewlines(); !this.#takeReserved("esac"); this.#skipNewlines()) {
      if (this.#atEnd()) throw this.#unexpected(")");
      items.push(this.#caseItem());
    }
    return { kind: "case", subject, items };
  }

  #caseItem(): { patterns: Word[]; script: Script } {
    this.#skipBlanks();
    if (this.#peek() === "(") this.#cursor.at++;
    const patterns: Word[] = [];
    for (;;) {
      this.#skipBlanks();
      patterns.push(this.#requiredWord());
      this.#skipBlanks();
      if (this.#peek() !== "|") break;
      this.#cursor.at++;
    }
    this.#expectChar(")");
    const isEnd = () => this.#peekReserved() === "esac" || this.#cursor.text.startsWith(";;", this.#cursor.at);
    const script = this.#compoundList(isEnd);
    if (this.#cursor.text.startsWith(";;", this.#cursor.at)) this.#cursor.at += 2;
    return { patterns, script };
  }

  #function(): Command | null {
    const keyword = this.#takeReserved("function");
    if (keyword) this.#skipBlanks();
    const match = /^([A-Za-z_][A-Za-z0-9_.-]*)([ \t]*\([ \t]*\))?/.exec(
      this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 256),
    );
    const name = match?.[1];
    if (!match || name === undefined || (!keyword && match[2] === undefined)) return null;
    if (reserved.has(name)) throw this.#unexpected();
    this.#cursor.at += match[0].length;
    this.#skipNewlines();
    const body = this.#compound();
    if (!body) throw this.#unexpected();
    return { kind: "function", name, body: { kind: "compound", body, redirects: this.#redirects() } };
  }

  #simple(): SimpleCommand {
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      this.#skipBlanks();
      const redirect = isDoubleBracket(words) ? null : this.#redirect();
      if (redirect) {
        redirects.push(redirect);
        continue;
      }
      if (words.length === 0 && this.#atCloser()) break;
      const word = isDoubleBracket(words) ? this.#testWord() : readWord(this.#cursor, nested);
      if (word.length === 0) break;
      const assignment = words.length === 0 ? asAssignment(word) : null;
      if (assignment) assignments.push(assignment);
      else words.push(word);
    }
    if (assignments.length + words.length + redirects.length === 0) throw this.#unexpected();
    return { kind: "simple", assignments, words, redirects };
  }

  /** Between `[[` and `]]` the operators are words. */
  #testWord(): Word {
    const operator = /^(?:&&|\|\||[<>()])/.exec(this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 2))?.[0];
    if (operator === undefined) return readWord(this.#cursor, nested);
    this.#cursor.at += operator.length;
    return [{ kind: "text", text: operator, quoted: true }];
  }

  // --- redirections -------------------------------------------------------------------------------------------------

  #redirects(): Redirect[] {
    const redirects: Redirect[] = [];
    for (;;) {
      this.#skipBlanks();
      const redirect = this.#redirect();
      if (!redirect) return redirects;
      redirects.push(redirect);
    }
  }

  #redirect(): Redirect | null {
    const number = /^\d+(?=[<>])/.exec(this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 8))?.[0] ?? "";
    const at = this.#cursor.at + number.length;
    const operator = redirectOperators.find((one) => this.#cursor.text.startsWith(one, at));
    if (!operator || (operator.startsWith("&") && number !== "")) return null;
    this.#cursor.at = at + operator.length;
    this.#skipBlanks();
    const fd = number === "" ? (operator.startsWith("<") ? 0 : 1) : Number(number);
    const word = this.#requiredWord();
    if (operator !== "<<" && operator !== "<<-") return { fd, operator, target: word };
    return this.#hereDocument(fd, operator === "<<-", word);
  }

  #hereDocument(fd: number, stripTabs: boolean, word: Word): Redirect {
    const redirect: { fd: number; operator: "<<"; target: Word } = { fd, operator: "<<", target: [] };
    const delimiter = word.map((part) => (part.kind === "text" ? part.text : "")).join("");
    const expand = word.every((part) => !("quoted" in part) || !part.quoted);
    this.#here.push({
      delimiter,
      expand,
      stripTabs,
      fill(text) {
        redirect.target = text;
      },
    });
    return redirect;
  }

  /** The texts of the here-documents that the finished line announced. */
  #readHereDocuments(): void {
    for (const one of this.#here.splice(0)) one.fill(this.#hereText(one));
  }

  #hereText({ delimiter, expand, stripTabs }: PendingHere): Word {
    const { text } = this.#cursor;
    let body = "";
    for (;;) {
      if (this.#atEnd()) {
        if (this.#more) throw new ShellSyntaxError("syntax error: unterminated here-document", true);
        break;
      }
      const end = text.indexOf("\n", this.#cursor.at);
      const raw = text.slice(this.#cursor.at, end < 0 ? text.length : end);
      this.#cursor.at = end < 0 ? text.length : end + 1;
      const line = stripTabs ? raw.replace(/^\t+/, "") : raw;
      if (line === delimiter) break;
      body += `${line}\n`;
    }
    return expand ? readHereText(body, nested) : [{ kind: "text", text: body, quoted: true }];
  }

  // --- tokens -------------------------------------------------------------------------------------------------------

  #atEnd(): boolean {
    return this.#cursor.at >= this.#cursor.text.length;
  }

  #peek(ahead = 0): string | undefined {
    return this.#cursor.text[this.#cursor.at + ahead];
  }

  #skipBlanks(): void {
    for (;;) {
      const char = this.#peek();
      if (char === " " || char === "\t") this.#cursor.at++;
      else if (char === "\\" && this.#peek(1) === "\n") this.#cursor.at += 2;
      else if (char === "#") this.#skipComment();
      else return;
    }
  }

  #skipComment(): void {
    while (!this.#atEnd() && this.#peek() !== "\n") this.#cursor.at++;
  }

  #newline(): void {
    this.#cursor.at++;
    this.#readHereDocuments();
  }

  #skipNewlines(): void {
    for (this.#skipBlanks(); this.#peek() === "\n"; this.#skipBlanks()) this.#newline();
  }

  /** The reserved word at the cursor, not consumed. */
  #peekReserved(): string | null {
    const word = /^(?:[a-z]+|[{}!])(?=[ \t\n;&|<>()]|$)/.exec(
      this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 10),
    )?.[0];
    return word !== undefined && reserved.has(word) ? word : null;
  }

  #takeReserved(word: string): boolean {
    this.#skipBlanks();
    if (this.#peekReserved() !== word) return false;
    this.#cursor.at += word.length;
    return true;
  }

  #expectReserved(word: string): void {
    if (!this.#takeReserved(word)) throw this.#unexpected(word);
  }

  #expectChar(char: string): void {
    this.#skipBlanks();
    if (this.#peek() !== char) throw this.#unexpected(char);
    this.#cursor.at++;
  }

  #untilReserved(...words: string[]): Script {
    const script = this.#compoundList(() => {
      const word = this.#peekReserved();
      if (word !== null && words.includes(word)) return true;
      if (this.#atCloser() || this.#atEnd()) throw this.#unexpected(words[0]);
      return false;
    });
    if (script.length === 0) throw this.#unexpected();
    return script;
  }

  /** Something that ends a list: a closing word or parenthesis, or `;;`. */
  #atCloser(): boolean {
    if (this.#peek() === ")" || this.#cursor.text.startsWith(";;", this.#cursor.at)) return true;
    const word = this.#peekReserved();
    return word !== null && closers.has(word);
  }

  #requiredWord(): Word {
    const word = readWord(this.#cursor, nested);
    if (word.length === 0) throw this.#unexpected();
    return word;
  }

  #plainWord(): string {
    return this.#requiredWord()
      .map((part) => (part.kind === "text" ? part.text : "$"))
      .join("");
  }

  #unexpected(expected?: string): ShellSyntaxError {
    const wanted = expected === undefined ? "" : ` (expecting "${expected}")`;
    if (this.#atEnd()) return new ShellSyntaxError(`syntax error: unexpected end of file${wanted}`, true);
    const token =
      this.#peek() === "\n"
        ? "newline"
        : (/^(?:;;|&&|\|\||[^ \t\n;&|<>()]+|.)/s.exec(
            this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 64),
          )?.[0] ?? "");
    return new ShellSyntaxError(`syntax error: unexpected ${token === "newline" ? token : `"${token}"`}${wanted}`);
  }
}

function isDoubleBracket(words: readonly Word[]): boolean {
  return plainText(words[0]) === "[[" && plainText(words.at(-1)) !== "]]";
}

function plainText(word: Word | undefined): string | undefined {
  const part = word?.[0];
  return word?.length === 1 && part?.kind === "text" && !part.quoted ? part.text : undefined;
}

function asAssignment(word: Word): Assignment | null {
  const [head, ...rest] = word;
  if (head?.kind !== "text" || head.quoted) return null;
  const match = assignmentHead.exec(head.text);
  if (!match) return null;
  const value = head.text.slice(match[0].length);
  const first: Word = value === "" ? [] : [{ kind: "text", text: value, quoted: false }];
  return { name: match[0].slice(0, -1), value: [...first, ...rest] };
}
