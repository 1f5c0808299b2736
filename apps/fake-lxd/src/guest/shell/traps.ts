/** `trap`: signals only set a mark; the commands run between two commands of the shell. */
import type { Process } from "../core/process.ts";
import { SIGKILL, SIGSTOP } from "../core/signals.ts";

export class Traps {
  readonly #process: Process;
  /** By signal; 0 is EXIT. An empty command ignores. */
  readonly #commands = new Map<number, string>();
  #pending: number[] = [];

  constructor(process: Process) {
    this.#process = process;
  }

  set(signal: number, command: string): void {
    this.#commands.set(signal, command);
    if (signal === 0 || signal === SIGKILL || signal === SIGSTOP) return;
    const handler = (number: number) => {
      this.#pending.push(number);
    };
    this.#process.setDisposition(signal, command === "" ? "ignore" : { handler, restart: false });
  }

  reset(signal: number): void {
    if (!this.#commands.delete(signal)) return;
    if (signal !== 0) this.#process.setDisposition(signal, "default");
  }

  list(): [signal: number, command: string][] {
    return [...this.#commands].toSorted(([a], [b]) => a - b);
  }

  get pending(): boolean {
    return this.#pending.length > 0;
  }

  /** The signal that arrived first among those whose command has not run. */
  get nextPending(): number | undefined {
    return this.#pending[0];
  }

  takePending(): string | undefined {
    const signal = this.#pending.shift();
    return signal === undefined ? undefined : (this.#commands.get(signal) ?? "");
  }

  takeExit(): string | undefined {
    const command = this.#commands.get(0);
    this.#commands.delete(0);
    return command;
  }
}
