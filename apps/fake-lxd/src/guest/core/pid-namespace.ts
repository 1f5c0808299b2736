/** The numbers that processes have for one another. Number 1 is the init: its end is the end of the namespace. */
import type { Process } from "./process.ts";

let nextId = 1;

export class PidNamespace {
  readonly id = nextId++;
  readonly isHost: boolean;
  readonly #processes = new Map<number, Process>();
  #next = 1;

  constructor(isHost = false) {
    this.isHost = isHost;
  }

  get init(): Process | undefined {
    return this.isHost ? undefined : this.#processes.get(1);
  }

  newPid(): number {
    return this.#next++;
  }

  add(pid: number, process: Process): void {
    this.#processes.set(pid, process);
  }

  remove(pid: number): void {
    this.#processes.delete(pid);
  }

  get(pid: number): Process | undefined {
    return this.#processes.get(pid);
  }

  /** In the order of their numbers. */
  processes(): Process[] {
    return [...this.#processes.values()];
  }
}
