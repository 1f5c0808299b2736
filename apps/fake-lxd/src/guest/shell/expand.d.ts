/** Expansion of words: tilde, parameters, commands, arithmetic, splitting, path names, quote removal. */
import type { Word } from "./ast.ts";
import { type Expanded } from "./fields.ts";
import type { Shell } from "./shell.ts";
/** Words to arguments. */
export declare function expandWords(shell: Shell, words: readonly Word[]): Promise<string[]>;
/** One string: values of assignments, subjects of `case`, targets of redirections, here-documents. */
export declare function expandText(shell: Shell, word: Word): Promise<string>;
/** A pattern, in which quoted characters stand for themselves. */
export declare function expandPattern(shell: Shell, word: Word): Promise<string>;
export declare function literalOfPattern(pattern: string): string;
/** `splitting`: `$@` outside of quotes makes fields. */
export declare function expandParts(shell: Shell, word: Word, splitting: boolean): Promise<Expanded>;
export declare function arithmetic(shell: Shell, expression: Word): Promise<bigint>;
export declare function evaluateText(shell: Shell, text: string): bigint;
