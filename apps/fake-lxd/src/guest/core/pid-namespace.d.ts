/** The numbers that processes have for one another. Number 1 is the init: its end is the end of the namespace. */
import type { Process } from "./process.ts";
export declare class PidNamespace {
  #private;
  readonly id: number;
  readonly isHost: boolean;
  constructor(isHost?: boolean);
  get init(): Process | undefined;
  newPid(): number;
  add(pid: number, process: Process): void;
  remove(pid: number): void;
  get(pid: number): Process | undefined;
  /** In the order of their numbers. */
  processes(): Process[];
}
