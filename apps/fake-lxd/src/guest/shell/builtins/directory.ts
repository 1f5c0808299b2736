/** cd pwd */
import { Errno } from "../../core/errno.ts";
import { chdir, realpath } from "../../sys/files.ts";
import { BuiltinError } from "../control.ts";
import { writeFd } from "../../sys/io.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "../shell.ts";

export const cd: Builtin = async (shell, args) => {
  const physical = args.includes("-P");
  const [target] = args.filter((arg) => arg !== "-P" && arg !== "-L" && arg !== "--");
  const directory = target === "-" ? shell.variables.get("OLDPWD") : (target ?? shell.variables.get("HOME"));
  if (directory === undefined || directory === "") {
    if (target !== undefined) return change(shell, ".", physical);
    throw new BuiltinError(`${target === "-" ? "OLDPWD" : "HOME"} not set`);
  }
  const status = await change(shell, directory, physical);
  if (status === 0 && target === "-") await writeFd(shell.process, 1, `${shell.variables.get("PWD") ?? ""}\n`);
  return status;
};

async function change(shell: Shell, directory: string, physical: boolean): Promise<number> {
  const before = shell.variables.get("PWD") ?? shell.process.cwd.path;
  const logical = normalize(directory.startsWith("/") ? directory : `${before}/${directory}`);
  try {
    chdir(shell.process, physical ? directory : logical);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new BuiltinError(`can't cd to ${directory}: ${error.text}`);
  }
  shell.variables.set("OLDPWD", before);
  shell.variables.set("PWD", physical ? shell.process.cwd.path : logical);
  return 0;
}

function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

export const pwd: Builtin = async (shell, args) => {
  const { cwd } = shell.process;
  const logical = shell.variables.get("PWD") ?? "";
  await writeFd(
    shell.process,
    1,
    `${args.includes("-P") || !leadsTo(shell, logical, cwd.path) ? cwd.path : logical}\n`,
  );
  return 0;
};

function leadsTo(shell: Shell, path: string, physical: string): boolean {
  try {
    return path.startsWith("/") && realpath(shell.process, path) === physical;
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}
