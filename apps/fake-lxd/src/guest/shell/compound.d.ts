import type { CompoundCommand } from "./ast.ts";
import type { Shell } from "./shell.ts";
export declare function runCompound(shell: Shell, { body, redirects }: CompoundCommand, last: boolean): Promise<number>;
