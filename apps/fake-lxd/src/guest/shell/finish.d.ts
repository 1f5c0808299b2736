import type { Shell } from "./shell.ts";
export declare function finishShell(shell: Shell, run: () => Promise<number>): Promise<number>;
/** The status that an error gives a shell; control of the process itself passes. */
export declare function statusOf(shell: Shell, error: unknown): Promise<number>;
