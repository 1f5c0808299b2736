/** How a program leaves the call it is in for good. Programs must let these pass. */
import type { Process } from "./process.ts";
/** What runs in a process; its result is the exit code. */
export type Program = (process: Process) => Promise<number>;
/** The process is dead: nothing that its program still does may have an effect. */
export declare class ProcessGone extends Error {}
/** The process goes on with another program. */
export declare class ExecRequest extends Error {
  readonly program: Program;
  constructor(program: Program);
}
export declare class ExitRequest extends Error {
  readonly code: number;
  constructor(code: number);
}
export declare function isControl(error: unknown): boolean;
