/** A running shell: its state, and what a copy of it in a child is. Evaluating commands is `evaluate.ts`. */
import type { Process } from "../core/process.ts";
import { writeFd } from "../sys/io.ts";
import type { Command, Script } from "./ast.ts";
import { Jobs } from "./jobs.ts";
import { Traps } from "./traps.ts";
import { Variables } from "./variables.ts";

export const optionNames = {
  a: "allexport",
  e: "errexit",
  f: "noglob",
  n: "noexec",
  u: "nounset",
  v: "verbose",
  x: "xtrace",
  C: "noclobber",
  m: "monitor",
  i: "interactive",
  s: "stdin",
  b: "notify",
  h: "hashall",
} as const;

export type OptionLetter = keyof typeof optionNames;

/** A command that a shell runs itself. */
export type Builtin = (shell: Shell, args: string[], name: string) => Promise<number>;

/** Runs commands in a shell. Given to it, because what the commands do needs them in turn. */
export interface Evaluator {
  /** `last`: nothing follows in this process, so a program may replace the shell. */
  script(shell: Shell, script: Script, last?: boolean): Promise<number>;
  /** Parses and runs, line by line. */
  text(shell: Shell, text: string, last?: boolean): Promise<number>;
  command(shell: Shell, command: Command, last?: boolean): Promise<number>;
  builtin(name: string): Builtin | undefined;
  /** Runs the commands of signals that arrived. */
  traps(shell: Shell): Promise<void>;
}

export class Shell {
  readonly run: Evaluator;
  readonly process: Process;
  readonly variables: Variables;
  readonly functions: Map<string, Command>;
  readonly options: Set<OptionLetter | "pipefail">;
  readonly traps: Traps;
  readonly jobs: Jobs;
  /** `$1`... */
  parameters: string[] = [];
  /** `$0` */
  name: string;
  /** `$$`: the same in subshells. */
  readonly pid: number;
  /** `$?` */
  status = 0;
  /** `$!` */
  lastBackgroundPid: number | undefined;
  /** In conditions `set -e` does not apply. */
  testedDepth = 0;
  functionDepth = 0;
  loopDepth = 0;
  /** Files being sourced. */
  sourceDepth = 0;
  /** Status of the last command substitution in a command without words. */
  substitutionStatus: number | undefined;
  readonly aliases: Map<string, string>;

  constructor(process: Process, name: string, run: Evaluator, from?: Shell) {
    this.run = run;
    this.process = process;
    this.name = name;
    this.pid = from?.pid ?? process.pid;
    this.variables = from ? from.variables.fork() : new Variables();
    this.functions = new Map(from?.functions);
    this.options = new Set(from?.options);
    this.aliases = new Map(from?.aliases);
    this.traps = new Traps(process);
    this.jobs = new Jobs();
    if (from) this.#inherit(from);
    else this.#readEnvironment();
  }

  get interactive(): boolean {
    return this.options.has("i");
  }

  /** The same shell in a child process. */
  fork(child: Process): Shell {
    return new Shell(child, this.name, this.run, this);
  }

  async error(message: string): Promise<void> {
    await writeFd(this.process, 2, `${this.name}: ${message}\n`).catch(ignoreErrno(this.process));
  }

  #inherit(from: Shell): void {
    this.parameters = from.parameters;
    this.status = from.status;
    this.lastBackgroundPid = from.lastBackgroundPid;
    this.testedDepth = from.testedDepth;
    this.functionDepth = from.functionDepth;
    this.loopDepth = from.loopDepth;
    this.options.delete("i");
    this.options.delete("m");
  }

  #readEnvironment(): void {
    const { process, variables } = this;
    for (const [name, value] of process.env) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
      variables.set(name, value);
      variables.mark(name, "exported");
    }
    variables.set("IFS", " \t\n");
    variables.mark("IFS", "exported", false);
    variables.set("PWD", process.cwd.path);
    variables.mark("PWD", "exported");
    variables.set("SHLVL", String((Number.parseInt(variables.get("SHLVL") ?? "", 10) || 0) + 1));
    variables.mark("SHLVL", "exported");
    variables.set("OPTIND", "1");
    if (variables.get("PATH") === undefined) variables.set("PATH", "/sbin:/usr/sbin:/bin:/usr/bin");
    variables.set("PPID", String(process.parent?.pidIn(process.namespaces) ?? 0));
    variables.setDynamic("RANDOM", () => String(Math.floor(process.machine.random.next() * 32_768)));
  }
}

/** A message that cannot be written is lost; the end of the process is not. */
function ignoreErrno(process: Process): () => void {
  return () => process.alive();
}
