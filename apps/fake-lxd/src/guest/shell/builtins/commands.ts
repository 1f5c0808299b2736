/** type command hash */
import { Errno } from "../../core/errno.ts";
import { execve, exitCode, fork, waitForEnd } from "../../sys/processes.ts";
import { writeFd } from "../../sys/io.ts";
import { runBuiltin } from "../run-builtin.ts";
import { findProgram } from "../lookup.ts";
import type { Builtin, Shell } from "../shell.ts";

const keywords = new Set([
  "if",
  "then",
  "else",
  "elif",
  "fi",
  "do",
  "done",
  "case",
  "esac",
  "while",
  "until",
  "for",
  "{",
  "}",
  "!",
  "in",
  "function",
]);

interface Found {
  kind: string;
  path: string;
}

function find(shell: Shell, name: string): Found | undefined {
  const alias = shell.aliases.get(name);
  if (alias !== undefined) return { kind: `an alias for ${alias}`, path: `alias ${name}='${alias}'` };
  if (keywords.has(name)) return { kind: "a shell keyword", path: name };
  if (shell.functions.has(name)) return { kind: "a function", path: name };
  if (shell.run.builtin(name) || name === "exec") return { kind: "a shell builtin", path: name };
  try {
    const path = findProgram(shell.process, name, shell.variables.get("PATH") ?? "");
    if (name.includes("/")) shell.process.alive();
    return exists(shell, path) ? { kind: path, path } : undefined;
  } catch (error) {
    if (error instanceof Errno) return undefined;
    throw error;
  }
}

function exists(shell: Shell, path: string): boolean {
  return (
    findProgram(
      shell.process,
      path.slice(path.lastIndexOf("/") + 1),
      path.slice(0, Math.max(1, path.lastIndexOf("/"))),
    ) !== ""
  );
}

export const type: Builtin = async (shell, args) => {
  let status = 0;
  for (const name of args) {
    const found = find(shell, name);
    if (!found) status = 127;
    await writeFd(shell.process, 1, found ? `${name} is ${found.kind}\n` : `${name}: not found\n`);
  }
  return status;
};

export const command: Builtin = async (shell, args, own) => {
  const [option = ""] = args;
  if (option === "-v" || option === "-V") return describe(shell, args.slice(1), option);
  const words = option === "-p" || option === "--" ? args.slice(1) : args;
  const [name, ...rest] = words;
  if (name === undefined) return 0;
  const builtin = shell.run.builtin(name);
  if (builtin && name !== own) return runBuiltin(shell, builtin, name, rest, false);
  return runDirectly(shell, words);
};

async function describe(shell: Shell, names: string[], option: string): Promise<number> {
  if (option === "-V") return type(shell, names, "type");
  let status = 0;
  for (const name of names) {
    const found = find(shell, name);
    if (found) await writeFd(shell.process, 1, `${found.path}\n`);
    else status = 127;
  }
  return status;
}

/** A program, whatever functions there are. */
async function runDirectly(shell: Shell, words: string[]): Promise<number> {
  const name = words[0] ?? "";
  try {
    const file = findProgram(shell.process, name, shell.variables.get("PATH") ?? "");
    const environment = shell.variables.environment();
    const child = fork(shell.process, (inner) => execve(inner, file, words, environment));
    return exitCode(await waitForEnd(shell.process, child));
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const missing = error.code === "ENOENT";
    await shell.error(`${name}: ${missing ? "not found" : error.text}`);
    return missing ? 127 : 126;
  }
}

export const hash: Builtin = async () => 0;
