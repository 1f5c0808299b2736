/** The grammar of commands. One `Parser` reads a text command by command, so that a script runs up to its first error. */
import type { Script } from "./ast.ts";
/** A whole text. Throws a `ShellSyntaxError`. */
export declare function parseScript(text: string): Script;
export declare class Parser {
  #private;
  constructor(text: string, at?: number);
  /** How far it has read. */
  get position(): number;
  /** The next complete line of commands; null at the end. */
  next(): Script | null;
  /** Everything up to this closing character, which is consumed. */
  scriptUntil(closer: ")"): Script;
}
