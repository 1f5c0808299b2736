/** A subshell: a child process with a copy of the shell. */
import type { Process } from "../core/process.ts";
import type { ProcessGroup } from "../core/process-group.ts";
import type { Shell } from "./shell.ts";
export declare function forkShell(shell: Shell, run: (inner: Shell) => Promise<number>, group?: ProcessGroup): Process;
