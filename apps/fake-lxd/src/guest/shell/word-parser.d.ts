/** Reads one word with all its quoting and expansions. What `$( )` holds is parsed by the command parser, given as a callback. */
import type { Script, Word } from "./ast.ts";
export interface Cursor {
  readonly text: string;
  at: number;
}
/** Parses a script that ends with `)` at the cursor, and consumes the `)`. */
export type ScriptReader = (cursor: Cursor) => Script;
/** Parses a whole text as a script. */
export type TextParser = (text: string) => Script;
export interface Nested {
  until: ScriptReader;
  whole: TextParser;
}
/** The word at the cursor; empty when there is none. */
export declare function readWord(cursor: Cursor, nested: Nested): Word;
/** Here-document text: only `$`, backquotes and the backslash are special. */
export declare function readHereText(text: string, nested: Nested): Word;
