import type { Script } from "./ast.ts";
import type { Shell } from "./shell.ts";
export declare function substitute(shell: Shell, script: Script): Promise<string>;
