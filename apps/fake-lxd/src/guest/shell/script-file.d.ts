import type { Shell } from "./shell.ts";
export declare function runScriptFile(shell: Shell, path: string, words: string[]): Promise<number>;
