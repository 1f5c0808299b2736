/** `trap`: signals only set a mark; the commands run between two commands of the shell. */
import type { Process } from "../core/process.ts";
export declare class Traps {
  #private;
  constructor(process: Process);
  set(signal: number, command: string): void;
  reset(signal: number): void;
  list(): [signal: number, command: string][];
  get pending(): boolean;
  /** The signal that arrived first among those whose command has not run. */
  get nextPending(): number | undefined;
  takePending(): string | undefined;
  takeExit(): string | undefined;
}
