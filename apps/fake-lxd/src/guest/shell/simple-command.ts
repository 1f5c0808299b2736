/** Simple commands: assignments, functions, builtins, programs. */
import { isControl } from "../core/control.ts";
import { Errno, isErrno } from "../core/errno.ts";
import { writeFd } from "../sys/io.ts";
import { execve, exitCode, waitForEnd } from "../sys/processes.ts";
import type { SimpleCommand } from "./ast.ts";
import { FunctionReturn, ShellExit } from "./control.ts";
import { reapStrangers, reportDeath } from "./children.ts";
import { specialBuiltins } from "./special.ts";
import { runBuiltin } from "./run-builtin.ts";
import { expandText, expandWords, plainWords } from "./expand.ts";
import { forkShell } from "./fork-shell.ts";
import { findProgram } from "./lookup.ts";
import { shellQuote } from "./quote.ts";
import { redirectPermanently, withRedirects } from "./redirect.ts";
import type { Shell } from "./shell.ts";
import { runScriptFile } from "./script-file.ts";

export async function runSimple(shell: Shell, command: SimpleCommand, last: boolean): Promise<number> {
  shell.substitutionStatus = undefined;
  const words = expandAliases(shell, plainWords(command.words) ?? (await expandWords(shell, command.words)));
  const assigned: [string, string][] = [];
  for (const { name, value } of command.assignments) {
    const text = await expandText(shell, value);
    assigned.push([name, text]);
    // Later assignments see earlier ones.
    if (words.length === 0) shell.variables.set(name, text);
  }
  if (shell.options.has("x")) await trace(shell, assigned, words);
  const [name, ...args] = words;
  if (name === undefined) return assignOnly(shell, command);
  const body = shell.functions.get(name);
  if (body)
    return withRedirects(shell, command.redirects, () =>
      withAssignments(shell, assigned, () => callFunction(shell, name, args)),
    );
  if (name === "exec") return runExec(shell, command, assigned, args);
  const builtin = shell.run.builtin(name);
  if (builtin) {
    const special = specialBuiltins.has(name);
    const scope = special ? keepAssignments : withAssignments;
    const run = () => scope(shell, assigned, () => runBuiltin(shell, builtin, name, args, special));
    if (!special || command.redirects.length === 0) return withRedirects(shell, command.redirects, run);
    return withRedirects(shell, command.redirects, run, () => new ShellExit(1));
  }
  return runProgram(shell, command, assigned, words, last);
}

/** An alias may stand only for the first word; its words are taken as they are. */
function expandAliases(shell: Shell, words: string[]): string[] {
  const alias = words[0] === undefined ? undefined : shell.aliases.get(words[0]);
  if (alias === undefined) return words;
  return [...alias.split(/\s+/).filter((word) => word !== ""), ...words.slice(1)];
}

async function trace(shell: Shell, assigned: [string, string][], words: string[]): Promise<void> {
  const shown = [...assigned.map(([name, value]) => `${name}=${traceQuote(value)}`), ...words.map(traceQuote)];
  await writeFd(shell.process, 2, `${shell.variables.get("PS4") ?? "+ "}${shown.join(" ")}\n`);
}

/** As busybox shows words. */
function traceQuote(word: string): string {
  return /^[A-Za-z0-9_@+:,./^\]-]*$/.test(word) ? word : shellQuote(word, true);
}

async function assignOnly(shell: Shell, { redirects }: SimpleCommand): Promise<number> {
  const status = shell.substitutionStatus ?? 0;
  return withRedirects(shell, redirects, async () => status);
}

/** For special builtins: assignments stay. */
async function keepAssignments(
  shell: Shell,
  assigned: [string, string][],
  run: () => Promise<number>,
): Promise<number> {
  for (const [name, value] of assigned) shell.variables.set(name, value);
  return run();
}

/** Assignments before a function or builtin hold for its time. */
function withAssignments(shell: Shell, assigned: [string, string][], run: () => Promise<number>): Promise<number> {
  return assigned.length === 0 ? run() : assigning(shell, assigned, run);
}

async function assigning(shell: Shell, assigned: [string, string][], run: () => Promise<number>): Promise<number> {
  shell.variables.enterScope();
  try {
    for (const [name, value] of assigned) {
      shell.variables.makeLocal(name);
      shell.variables.set(name, value);
      shell.variables.mark(name, "exported");
    }
    return await run();
  } finally {
    shell.variables.leaveScope();
  }
}

async function callFunction(shell: Shell, name: string, args: string[]): Promise<number> {
  const body = shell.functions.get(name);
  if (!body) return 127;
  const { parameters } = shell;
  shell.parameters = args;
  shell.functionDepth++;
  shell.variables.enterScope();
  try {
    return await shell.run.command(shell, body);
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status;
    throw error;
  } finally {
    shell.variables.leaveScope();
    shell.functionDepth--;
    shell.parameters = parameters;
  }
}

async function runProgram(
  shell: Shell,
  command: SimpleCommand,
  assigned: [string, string][],
  words: string[],
  last: boolean,
): Promise<number> {
  if (last && shell.traps.list().length === 0) return replace(shell, command, assigned, words);
  const child = forkShell(shell, (inner) => replace(inner, command, assigned, words));
  const status = await waitForEnd(shell.process, child);
  reapStrangers(shell);
  await reportDeath(shell, status);
  return exitCode(status);
}

/** Makes this process the program's. Returns the status when that fails. */
async function replace(
  shell: Shell,
  { redirects }: Pick<SimpleCommand, "redirects">,
  assigned: [string, string][],
  words: string[],
  prefix = "",
): Promise<number> {
  if (!(await redirectPermanently(shell, redirects))) return 1;
  const environment = shell.variables.environment();
  for (const [name, value] of assigned) environment.set(name, value);
  const path = assigned.find(([name]) => name === "PATH")?.[1] ?? shell.variables.get("PATH") ?? "";
  return become(shell, words, environment, path, prefix);
}

async function become(
  shell: Shell,
  words: string[],
  environment: Map<string, string>,
  path: string,
  prefix: string,
): Promise<number> {
  const name = words[0] ?? "";
  try {
    const file = findProgram(shell.process, name, path);
    try {
      return await execve(shell.process, file, words, environment);
    } catch (error) {
      if (isErrno(error, "ENOEXEC")) return await runScriptFile(shell, file, words);
      throw error;
    }
  } catch (error) {
    if (isControl(error) || !(error instanceof Errno)) throw error;
    const missing = error.code === "ENOENT" || error.code === "ENOTDIR";
    await shell.error(`${prefix}${name}: ${missing ? "not found" : error.text}`);
    return missing ? 127 : 126;
  }
}

/** `exec`: with words the shell is gone; without, the redirections stay. */
async function runExec(
  shell: Shell,
  command: SimpleCommand,
  assigned: [string, string][],
  args: string[],
): Promise<number> {
  const words = args[0] === "--" ? args.slice(1) : args;
  if (words.length > 0) {
    const status = await replace(shell, command, assigned, words, "exec: ");
    throw new ShellExit(status);
  }
  if (!(await redirectPermanently(shell, command.redirects))) throw new ShellExit(1);
  for (const [name, value] of assigned) shell.variables.set(name, value);
  return 0;
}
