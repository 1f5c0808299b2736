/** What all guests of a daemon share: time, chance, the table of all processes. */
import type { Clock, Random } from "../../platform/types.ts";
import type { Program } from "./control.ts";
import { PidNamespace } from "./pid-namespace.ts";
import type { Process } from "./process.ts";
/** Makes a file a process's program, as execve does; throws an Errno with nothing changed. */
export type ProgramLoader = (process: Process, path: string, argv: string[], env: Map<string, string>) => Program;
export declare class Machine {
  #private;
  readonly loadProgram: ProgramLoader;
  readonly clock: Clock;
  readonly random: Random;
  readonly kernelVersion: string;
  readonly architecture: string;
  /** Sees every process, by its host number. */
  readonly hostPids: PidNamespace;
  readonly bootMs: number;
  /** The uid that the fake runs as on the real host. */
  readonly ownUid: number;
  constructor(options: {
    clock: Clock;
    random: Random;
    kernelVersion: string;
    architecture: string;
    loadProgram: ProgramLoader;
  });
  readonly now: () => number;
  newPid(): number;
  allProcesses(): Iterable<Process>;
  randomBytes(count: number): Buffer;
}
/** Lets the rest of the Node process run: timers, sockets, other guests. */
export declare function yieldNow(): Promise<void>;
