import type { Word } from "./ast.ts";
import type { Shell } from "./shell.ts";
export declare function expandTilde(shell: Shell, word: Word): Word;
