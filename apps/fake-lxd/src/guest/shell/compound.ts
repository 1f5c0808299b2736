/** Compound commands. */
import { exitCode, waitForEnd } from "../sys/processes.ts";
import type { Compound, CompoundCommand, Script } from "./ast.ts";
import { LoopExit } from "./control.ts";
import { reportDeath } from "./children.ts";
import { expandPattern, expandText, expandWords } from "./expand.ts";
import { forkShell } from "./fork-shell.ts";
import { matches } from "./pattern.ts";
import { redirectPermanently, withRedirects } from "./redirect.ts";
import type { Shell } from "./shell.ts";

export async function runCompound(shell: Shell, { body, redirects }: CompoundCommand, last: boolean): Promise<number> {
  if (body.kind === "subshell") return runSubshell(shell, { body, redirects }, last);
  return withRedirects(shell, redirects, () => runBody(shell, body, last && redirects.length === 0));
}

async function runSubshell(
  shell: Shell,
  { body, redirects }: Pick<CompoundCommand, "body" | "redirects">,
  last: boolean,
): Promise<number> {
  const script = body.kind === "subshell" ? body.script : [];
  const run = async (inner: Shell): Promise<number> => {
    if (!(await redirectPermanently(inner, redirects))) return 1;
    return inner.run.script(inner, script, true);
  };
  // In a process of its own already: but traps of the outer shell must not run for the inner one.
  if (last && shell.traps.list().length === 0) return run(shell);
  const child = forkShell(shell, run);
  const status = await waitForEnd(shell.process, child);
  await reportDeath(shell, status);
  return exitCode(status);
}

async function runBody(shell: Shell, body: Compound, last: boolean): Promise<number> {
  switch (body.kind) {
    case "subshell":
    case "group":
      return shell.run.script(shell, body.script, last);
    case "if":
      return runIf(shell, body, last);
    case "while":
    case "until":
      return runLoop(shell, () => holds(shell, body.condition, body.kind === "while"), body.script);
    case "for":
      return runFor(shell, body);
    default:
      return runCase(shell, body, last);
  }
}

/** A condition: `set -e` does not apply in it. */
async function tested(shell: Shell, condition: Script): Promise<boolean> {
  shell.testedDepth++;
  try {
    return (await shell.run.script(shell, condition)) === 0;
  } finally {
    shell.testedDepth--;
  }
}

async function runIf(
  shell: Shell,
  { branches, otherwise }: Extract<Compound, { kind: "if" }>,
  last: boolean,
): Promise<number> {
  for (const { condition, script } of branches)
    if (await tested(shell, condition)) return shell.run.script(shell, script, last);
  return otherwise ? shell.run.script(shell, otherwise, last) : 0;
}

async function holds(shell: Shell, condition: Script, wanted: boolean): Promise<boolean> {
  return (await tested(shell, condition)) === wanted;
}

/** `next` says whether there is another round, and may itself `break`. */
async function runLoop(shell: Shell, next: () => Promise<boolean>, script: Script): Promise<number> {
  let status = 0;
  shell.loopDepth++;
  try {
    for (;;) {
      try {
        if (!(await next())) return status;
        status = await shell.run.script(shell, script);
      } catch (error) {
        if (!(error instanceof LoopExit)) throw error;
        if (--error.levels > 0 && shell.loopDepth > 1) throw error;
        status = 0;
        if (error.kind === "break") return status;
      }
    }
  } finally {
    shell.loopDepth--;
  }
}

async function runFor(shell: Shell, { name, words, script }: Extract<Compound, { kind: "for" }>): Promise<number> {
  const values = words ? await expandWords(shell, words) : [...shell.parameters];
  let index = 0;
  return runLoop(
    shell,
    async () => {
      const value = values[index++];
      if (value === undefined) return false;
      shell.variables.set(name, value);
      return true;
    },
    script,
  );
}

async function runCase(
  shell: Shell,
  { subject, items }: Extract<Compound, { kind: "case" }>,
  last: boolean,
): Promise<number> {
  const text = await expandText(shell, subject);
  for (const { patterns, script } of items) {
    for (const pattern of patterns) {
      if (matches(await expandPattern(shell, pattern), text)) return shell.run.script(shell, script, last);
    }
  }
  return 0;
}
