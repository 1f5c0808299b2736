/** break continue return exit shift eval . */
import { Errno } from "../../core/errno.ts";
import { stat } from "../../sys/files.ts";
import { readFile } from "../../sys/io.ts";
import { FunctionReturn, LoopExit, BuiltinError, ShellExit } from "../control.ts";
import type { Builtin } from "../shell.ts";

function levels(args: string[]): number {
  const text = args[0] ?? "1";
  if (!/^\d+$/.test(text) || Number(text) < 1) throw new BuiltinError(`Illegal number: ${text}`);
  return Number(text);
}

export const breakLoop: Builtin = async (shell, args) => {
  const count = levels(args);
  if (shell.loopDepth === 0) return 0;
  throw new LoopExit("break", Math.min(count, shell.loopDepth));
};

export const continueLoop: Builtin = async (shell, args) => {
  const count = levels(args);
  if (shell.loopDepth === 0) return 0;
  throw new LoopExit("continue", Math.min(count, shell.loopDepth));
};

function statusOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new BuiltinError(`Illegal number: ${text}`);
  return Number(text) & 255;
}

/** Outside of functions and sourced files it ends the shell. */
export const returnFrom: Builtin = async (shell, args) => {
  throw new FunctionReturn(args[0] === undefined ? shell.status : statusOf(args[0]));
};

export const exit: Builtin = async (shell, args) => {
  throw new ShellExit(args[0] === undefined ? shell.status : statusOf(args[0]));
};

export const shift: Builtin = async (shell, args) => {
  const count = args[0] === undefined ? 1 : Number(args[0]);
  if (!/^\d+$/.test(args[0] ?? "1")) throw new BuiltinError(`Illegal number: ${args[0]}`);
  if (count > shell.parameters.length) return 1;
  shell.parameters = shell.parameters.slice(count);
  return 0;
};

export const evalText: Builtin = (shell, args) => shell.run.text(shell, args.join(" "));

export const dot: Builtin = async (shell, [file, ...args]) => {
  if (file === undefined) throw new BuiltinError("filename argument required");
  const text = await readFile(shell.process, sourcePath(shell, file)).catch((error: unknown) => {
    if (error instanceof Errno) throw new BuiltinError(`can't open '${file}': ${error.text}`);
    throw error;
  });
  const { parameters } = shell;
  if (args.length > 0) shell.parameters = args;
  shell.sourceDepth++;
  try {
    return await shell.run.text(shell, text);
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status;
    throw error;
  } finally {
    shell.sourceDepth--;
    if (args.length > 0) shell.parameters = parameters;
  }
};

/** Searched in PATH, executable or not, then here. */
function sourcePath(shell: Parameters<Builtin>[0], file: string): string {
  if (file.includes("/")) return file;
  for (const directory of (shell.variables.get("PATH") ?? "").split(":")) {
    const candidate = directory === "" ? file : `${directory}/${file}`;
    try {
      stat(shell.process, candidate);
      return candidate;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
    }
  }
  return file;
}
