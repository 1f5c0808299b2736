/** A subshell: a child process with a copy of the shell. */
import type { Process } from "../core/process.ts";
import type { ProcessGroup } from "../core/process-group.ts";
import { fork } from "../sys/processes.ts";
import { finishShell } from "./finish.ts";
import type { Shell } from "./shell.ts";

export function forkShell(shell: Shell, run: (inner: Shell) => Promise<number>, group?: ProcessGroup): Process {
  const program = async (child: Process): Promise<number> => {
    const inner = shell.fork(child);
    return finishShell(inner, () => run(inner));
  };
  return fork(shell.process, program, group ? { group } : {});
}
