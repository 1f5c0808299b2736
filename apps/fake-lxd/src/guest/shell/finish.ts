/** Runs a shell to its end: errors that end it, and its EXIT trap. */
import { FunctionReturn, LoopExit, ShellError, ShellExit } from "./control.ts";
import type { Shell } from "./shell.ts";
import { ShellSyntaxError } from "./syntax-error.ts";

export async function finishShell(shell: Shell, run: () => Promise<number>): Promise<number> {
  const status = await caught(shell, run);
  const command = shell.traps.takeExit();
  if (!command) return status;
  shell.status = status;
  let explicit: number | undefined;
  await caught(shell, async () => {
    try {
      return await shell.run.text(shell, command);
    } catch (error) {
      if (error instanceof ShellExit) explicit = error.status;
      throw error;
    }
  });
  return explicit ?? status;
}

async function caught(shell: Shell, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    return statusOf(shell, error);
  }
}

/** The status that an error gives a shell; control of the process itself passes. */
export async function statusOf(shell: Shell, error: unknown): Promise<number> {
  if (error instanceof ShellExit || error instanceof FunctionReturn) return error.status;
  if (error instanceof LoopExit) return 0;
  if (error instanceof ShellError) {
    await shell.error(error.message);
    return error.status;
  }
  if (error instanceof ShellSyntaxError) {
    await shell.error(error.message);
    return 2;
  }
  throw error;
}
