import type { SimpleCommand } from "./ast.ts";
import type { Shell } from "./shell.ts";
export declare function runSimple(shell: Shell, command: SimpleCommand, last: boolean): Promise<number>;
