/** Runs a builtin and says what went wrong in it. */
import { UsageError } from "../applets/lib/applet.ts";
import { BuiltinError, ShellError, ShellExit } from "./control.ts";
import type { Builtin, Shell } from "./shell.ts";
import { ShellSyntaxError } from "./syntax-error.ts";

/** An error of a special builtin ends the shell, that of another one only the command. */
export async function runBuiltin(
  shell: Shell,
  builtin: Builtin,
  name: string,
  args: string[],
  special: boolean,
): Promise<number> {
  try {
    return await builtin(shell, args, name);
  } catch (error) {
    const known = [BuiltinError, UsageError, ShellError, ShellSyntaxError].some((kind) => error instanceof kind);
    if (!known) throw error;
    const message = (error as Error).message.replace(/^invalid option -- '(.)'$/, "illegal option -$1");
    await shell.error(`${name}: ${message}`);
    if (special || (error instanceof BuiltinError && error.fatal)) throw new ShellExit(2);
    return 2;
  }
}
