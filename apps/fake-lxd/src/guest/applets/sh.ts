/** The shell as a program: `sh`, `sh FILE`, `sh -c TEXT`, and commands from stdin, at a prompt when that is a terminal. */
import { Errno, isErrno } from "../core/errno.ts";
import { fromBuffer } from "../core/bytes.ts";
import { SIGINT, SIGQUIT, SIGTERM } from "../core/signals.ts";
import { isTty, readFd, readFile, writeFd } from "../sys/io.ts";
import { ShellError } from "../shell/control.ts";
import { applyOptions } from "../shell/builtins/set.ts";
import { setOption } from "../shell/options.ts";
import { evaluator } from "../shell/evaluate.ts";
import { finishShell, statusOf } from "../shell/finish.ts";
import { Parser } from "../shell/parser.ts";
import { Shell } from "../shell/shell.ts";
import { ShellExit } from "../shell/control.ts";
import { ShellSyntaxError } from "../shell/syntax-error.ts";
import type { Applet } from "./lib/applet.ts";

interface Start {
  /** Of `-c`. */
  text: string | undefined;
  operands: string[];
}

export const sh: Applet = async (io, args) => {
  const shell = new Shell(io.process, io.process.argv[0] ?? "sh", evaluator);
  return finishShell(shell, async () => {
    const { text, operands } = await readArguments(shell, args);
    const [first, ...rest] = operands;
    if (text !== undefined) {
      if (first !== undefined) shell.name = first;
      shell.parameters = rest;
      return evaluator.text(shell, text, true);
    }
    if (first === undefined || shell.options.has("s")) {
      shell.parameters = operands;
      return interactOrRead(shell);
    }
    shell.name = first;
    shell.parameters = rest;
    return evaluator.text(shell, await scriptText(shell, first), true);
  });
};

async function readArguments(shell: Shell, args: string[]): Promise<Start> {
  const rest = [...args];
  let command = false;
  for (let arg = rest[0]; arg !== undefined && /^[-+]./.test(arg); arg = rest[0]) {
    rest.shift();
    if (arg === "--") break;
    if (arg === "--login") continue;
    if (arg.startsWith("-") && arg.includes("c")) command = true;
    // Login shells are as others here.
    const letters = arg.replaceAll(/[cl]/g, "");
    if (letters.length > 1) await applyOptions(shell, letters, rest);
  }
  if (!command) return { text: undefined, operands: rest };
  const text = rest.shift();
  if (text === undefined) throw new ShellError("-c requires an argument");
  return { text, operands: rest };
}

async function scriptText(shell: Shell, path: string): Promise<string> {
  try {
    return await readFile(shell.process, path);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    await writeFd(shell.process, 2, `sh: can't open '${path}': ${error.text}\n`);
    throw new ShellExit(error.code === "ENOENT" ? 2 : 2);
  }
}

async function interactOrRead(shell: Shell): Promise<number> {
  if (isTty(shell.process, 0) || shell.options.has("i")) prepareInteractive(shell);
  return readCommands(shell);
}

function prepareInteractive(shell: Shell): void {
  setOption(shell, "i", true);
  const ignoreAtPrompt = { handler: () => {}, restart: false };
  shell.process.setDisposition(SIGINT, ignoreAtPrompt);
  shell.process.setDisposition(SIGQUIT, "ignore");
  shell.process.setDisposition(SIGTERM, { handler: () => {}, restart: true });
  if (shell.variables.get("PS1") === undefined) shell.variables.set("PS1", "\\w \\$ ");
}

/** Runs each command as soon as it is complete. */
async function readCommands(shell: Shell): Promise<number> {
  let text = "";
  let status = 0;
  for (;;) {
    if (shell.interactive) await writeFd(shell.process, 2, text === "" ? prompt(shell) : "> ");
    const more = await nextText(shell);
    if (more === null) {
      text = "";
      continue;
    }
    if (more === "") {
      if (text !== "") status = await runRead(shell, text, true).then((result) => result.status);
      return shell.interactive ? shell.status : status;
    }
    const result = await runRead(shell, text + more, false);
    text = result.rest;
    status = result.status;
  }
}

/** The next chunk of stdin; empty at its end, null when ^C dropped the line. */
async function nextText(shell: Shell): Promise<string | null> {
  try {
    return fromBuffer(await readFd(shell.process, 0, 4096));
  } catch (error) {
    if (!isErrno(error, "EINTR")) throw error;
    if (!shell.interactive) return null;
    await writeFd(shell.process, 2, "\n");
    await evaluator.traps(shell);
    return null;
  }
}

/** Runs the complete commands of a text; gives back the start of the one that is not. */
async function runRead(shell: Shell, text: string, isEnd: boolean): Promise<{ rest: string; status: number }> {
  const complete = isEnd ? text : text.slice(0, text.lastIndexOf("\n") + 1);
  const parser = new Parser(complete, 0, !isEnd);
  for (let from = 0; ; from = parser.position) {
    try {
      const script = parser.next();
      if (!script) return { rest: text.slice(complete.length), status: shell.status };
      shell.status = await evaluator.script(shell, script);
    } catch (error) {
      if (error instanceof ShellSyntaxError && error.incomplete && !isEnd)
        return { rest: text.slice(from), status: shell.status };
      if (!shell.interactive || error instanceof ShellExit) throw error;
      shell.status = await statusOf(shell, error);
      if (error instanceof ShellSyntaxError) return { rest: "", status: shell.status };
    }
  }
}

function prompt(shell: Shell): string {
  const { cwd, credentials } = shell.process;
  const home = shell.variables.get("HOME");
  const where =
    home !== undefined && home !== "/" && (cwd.path === home || cwd.path.startsWith(`${home}/`))
      ? `~${cwd.path.slice(home.length)}`
      : cwd.path;
  const values: Record<string, string> = {
    w: where,
    W: where.slice(where.lastIndexOf("/") + 1) || "/",
    h: shell.process.namespaces.uts.hostname,
    u: credentials.euid === 0 ? "root" : String(credentials.euid),
    $: credentials.euid === 0 ? "#" : "$",
    n: "\n",
  };
  return (shell.variables.get("PS1") ?? "").replaceAll(/\\(.)/g, (all, letter: string) => values[letter] ?? all);
}
