/** How a program leaves the call it is in for good. Programs must let these pass. */
import { StacklessError } from "../../platform/stackless-error.ts";
import type { Process } from "./process.ts";

/** What runs in a process; its result is the exit code. */
export type Program = (process: Process) => Promise<number>;

/** The process is dead: nothing that its program still does may have an effect. */
export class ProcessGone extends StacklessError {}

/** The process goes on with another program. */
export class ExecRequest extends StacklessError {
  readonly program: Program;

  constructor(program: Program) {
    super("execve");
    this.program = program;
  }
}

export class ExitRequest extends StacklessError {
  readonly code: number;

  constructor(code: number) {
    super("exit");
    this.code = code;
  }
}

export function isControl(error: unknown): boolean {
  return error instanceof ProcessGone || error instanceof ExecRequest || error instanceof ExitRequest;
}
