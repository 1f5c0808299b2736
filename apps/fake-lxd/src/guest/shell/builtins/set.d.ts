import { type Shell } from "../shell.ts";
import type { Builtin } from "../shell.ts";
export declare const set: Builtin;
/** `-eu`, `+x`, `-o name`; values of `-o` are taken from `rest`. */
export declare function applyOptions(shell: Shell, text: string, rest: string[]): Promise<void>;
