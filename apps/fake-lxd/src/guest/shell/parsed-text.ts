/** The commands of a text, each parsed when its turn comes: what comes before an error runs. Texts that are run again are parsed once. */
import type { Script } from "./ast.ts";
import { Parser } from "./parser.ts";

interface ParsedCommand {
  readonly script: Script;
  /** Nothing comes after it. */
  readonly isLast: boolean;
}

const TEXTS_MAX = 2048;
const TEXT_LENGTH_MAX = 4096;

const texts = new Map<string, ParsedText>();

export class ParsedText {
  readonly #text: string;
  readonly #parser: Parser;
  readonly #commands: ParsedCommand[] = [];
  #failure: unknown;

  private constructor(text: string) {
    this.#text = text;
    this.#parser = new Parser(text);
  }

  /** Its trees belong to all who run it: nobody changes them. */
  static of(text: string): ParsedText {
    const known = texts.get(text);
    if (known !== undefined) return known;
    const parsed = new ParsedText(text);
    if (texts.size >= TEXTS_MAX) texts.clear();
    if (text.length <= TEXT_LENGTH_MAX) texts.set(text, parsed);
    return parsed;
  }

  /** Undefined: there are no more. Asked for one after the other. */
  at(index: number): ParsedCommand | undefined {
    const known = this.#commands[index];
    if (known !== undefined) return known;
    const script = this.#next();
    if (script === undefined) return undefined;
    const command = { script, isLast: /^\s*$/.test(this.#text.slice(this.#parser.position)) };
    this.#commands.push(command);
    return command;
  }

  /** Behind an error the parser is nowhere: whoever comes there again gets the same. */
  #next(): Script | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return this.#parser.next() ?? undefined;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}
