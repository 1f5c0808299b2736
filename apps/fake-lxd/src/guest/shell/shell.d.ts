/** A running shell: its state, and what a copy of it in a child is. Evaluating commands is `evaluate.ts`. */
import type { Process } from "../core/process.ts";
import type { Command, Script } from "./ast.ts";
import { Jobs } from "./jobs.ts";
import { Traps } from "./traps.ts";
import { Variables } from "./variables.ts";
export declare const optionNames: {
  readonly a: "allexport";
  readonly e: "errexit";
  readonly f: "noglob";
  readonly n: "noexec";
  readonly u: "nounset";
  readonly v: "verbose";
  readonly x: "xtrace";
  readonly C: "noclobber";
  readonly m: "monitor";
  readonly i: "interactive";
  readonly s: "stdin";
  readonly b: "notify";
  readonly h: "hashall";
};
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
export declare class Shell {
  #private;
  readonly run: Evaluator;
  readonly process: Process;
  readonly variables: Variables;
  readonly functions: Map<string, Command>;
  readonly options: Set<OptionLetter | "pipefail">;
  readonly traps: Traps;
  readonly jobs: Jobs;
  /** `$1`... */
  parameters: string[];
  /** `$0` */
  name: string;
  /** `$$`: the same in subshells. */
  readonly pid: number;
  /** `$?` */
  status: number;
  /** `$!` */
  lastBackgroundPid: number | undefined;
  /** In conditions `set -e` does not apply. */
  testedDepth: number;
  functionDepth: number;
  loopDepth: number;
  /** Files being sourced. */
  sourceDepth: number;
  /** Status of the last command substitution in a command without words. */
  substitutionStatus: number | undefined;
  readonly aliases: Map<string, string>;
  constructor(process: Process, name: string, run: Evaluator, from?: Shell);
  get interactive(): boolean;
  /** The same shell in a child process. */
  fork(child: Process): Shell;
  error(message: string): Promise<void>;
}
