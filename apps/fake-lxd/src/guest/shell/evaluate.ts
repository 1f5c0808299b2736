/** Runs the syntax tree. `last`: nothing follows in this process, so a program may replace the shell. */
import { SIGINT } from "../core/signals.ts";
import { pipe } from "../sys/io.ts";
import { openNow } from "../sys/files.ts";
import { exitCode, waitForEnd } from "../sys/processes.ts";
import type { ExitStatus, Process } from "../core/process.ts";
import type { Chain, Command, ListItem, Pipeline, Script } from "./ast.ts";
import { builtins } from "./builtins/registry.ts";
import { reportDeath } from "./children.ts";
import { runCompound } from "./compound.ts";
import { ShellExit } from "./control.ts";
import { forkShell } from "./fork-shell.ts";
import { ParsedText } from "./parsed-text.ts";
import { runSimple } from "./simple-command.ts";
import type { Evaluator, Shell } from "./shell.ts";
import { sourceOf } from "./unparse.ts";

/** Parses and runs a text, line by line. */
async function runText(shell: Shell, text: string, last = false): Promise<number> {
  const commands = ParsedText.of(text);
  let status = 0;
  for (let next = commands.at(0), index = 1; next; next = commands.at(index++)) {
    const { script, isLast } = next;
    const final = last && isLast;
    if (!shell.options.has("n")) status = await runScript(shell, script, final);
  }
  return status;
}

async function runScript(shell: Shell, script: Script, last = false): Promise<number> {
  let status = 0;
  for (const [index, item] of script.entries()) {
    status = await runItem(shell, item, last && index === script.length - 1);
  }
  return status;
}

async function runItem(shell: Shell, item: ListItem, last: boolean): Promise<number> {
  const held = shell.process.enter();
  if (held !== undefined) await held;
  if (shell.traps.pending) await runTraps(shell);
  const status = item.background ? runBackground(shell, item.chain) : await runChain(shell, item.chain, last);
  shell.status = status;
  if (shell.traps.pending) await runTraps(shell);
  return shell.status;
}

/** Commands of signals that arrived. `$?` is as before them. */
async function runTraps(shell: Shell): Promise<void> {
  for (let command = shell.traps.takePending(); command !== undefined; command = shell.traps.takePending()) {
    const { status } = shell;
    await runText(shell, command);
    shell.status = status;
  }
}

/** Most are of one pipeline. */
function runChain(shell: Shell, chain: Chain, last: boolean): Promise<number> {
  return chain.rest.length === 0 ? runPipeline(shell, false, chain.first, last) : runLongChain(shell, chain, last);
}

async function runLongChain(shell: Shell, { first, rest }: Chain, last: boolean): Promise<number> {
  let status = await runPipeline(shell, true, first, false);
  for (const [index, { operator, pipeline }] of rest.entries()) {
    shell.status = status;
    if ((operator === "&&") !== (status === 0)) continue;
    const final = index === rest.length - 1;
    status = await runPipeline(shell, !final, pipeline, last && final);
  }
  return status;
}

/** Runs with `set -e` held back when the status is tested. */
async function runPipeline(shell: Shell, tested: boolean, pipeline: Pipeline, last: boolean): Promise<number> {
  const { commands, negated } = pipeline;
  const held = tested || negated;
  const only = commands.length === 1 ? commands[0] : undefined;
  if (held) shell.testedDepth++;
  try {
    const status = only ? await runCommand(shell, only, last && !negated) : await runPiped(shell, commands);
    shell.status = negated ? (status === 0 ? 1 : 0) : status;
  } finally {
    if (held) shell.testedDepth--;
  }
  if (shell.status !== 0 && !held) exitOnError(shell, shell.status);
  return shell.status;
}

function exitOnError(shell: Shell, status: number): void {
  if (shell.options.has("e") && shell.testedDepth === 0) throw new ShellExit(status);
}

/** In this process. */
function runCommand(shell: Shell, command: Command, last = false): Promise<number> {
  switch (command.kind) {
    case "simple":
      return runSimple(shell, command, last);
    case "function":
      shell.functions.set(command.name, command.body);
      return Promise.resolve(0);
    default:
      return runCompound(shell, command, last);
  }
}

async function runPiped(shell: Shell, commands: readonly Command[]): Promise<number> {
  const processes = startPipeline(shell, commands);
  const statuses: ExitStatus[] = [];
  for (const process of processes) statuses.push(await waitForEnd(shell.process, process));
  await reportDeath(shell, statuses.at(-1));
  const codes = statuses.map(exitCode);
  if (shell.options.has("pipefail")) return codes.findLast((code) => code !== 0) ?? 0;
  return codes.at(-1) ?? 0;
}

/** All commands of a pipeline as children, connected. */
function startPipeline(shell: Shell, commands: readonly Command[]): Process[] {
  const processes: Process[] = [];
  let input: number | undefined;
  for (const [index, command] of commands.entries()) {
    const ends = index < commands.length - 1 ? pipe(shell.process) : undefined;
    processes.push(startMember(shell, command, input, ends));
    if (input !== undefined) shell.process.fds.close(input);
    if (ends) shell.process.fds.close(ends[1]);
    input = ends?.[0];
  }
  return processes;
}

function startMember(
  shell: Shell,
  command: Command,
  input: number | undefined,
  ends: [number, number] | undefined,
): Process {
  return forkShell(shell, async (inner) => {
    const { fds } = inner.process;
    if (input !== undefined) {
      fds.set(0, fds.get(input));
      fds.close(input);
    }
    if (ends) {
      fds.set(1, fds.get(ends[1]));
      fds.close(ends[0]);
      fds.close(ends[1]);
    }
    return runCommand(inner, command, true);
  });
}

/** A shell without job control lets its background commands read nothing. */
function runBackground(shell: Shell, chain: Chain): number {
  // Without job control the texts of jobs are not kept.
  const text = shell.interactive ? sourceOf(chain) : "";
  const job = forkShell(shell, async (inner) => {
    if (!shell.interactive) {
      inner.process.setDisposition(SIGINT, "ignore");
      const nothing = openNow(inner.process, "/dev/null", 0);
      inner.process.fds.set(0, nothing);
    }
    return runChain(inner, chain, true);
  });
  shell.jobs.add([job], text);
  shell.lastBackgroundPid = job.pid;
  return 0;
}

export const evaluator: Evaluator = {
  script: runScript,
  text: runText,
  command: runCommand,
  traps: runTraps,
  builtin: (name) => builtins.get(name),
};
