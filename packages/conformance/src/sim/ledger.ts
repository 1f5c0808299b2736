/** What apps wrote to their output files, whatever became of the files: the truth that logs are compared with. */

const OUTPUT = /\/containers\/([^/]+)\/(stdout|stderr)$/;

export interface Output {
  stdout: string;
  stderr: string;
}

export class Ledger {
  readonly #outputs = new Map<string, Output>();

  onWrite(path: string, data: Uint8Array): void {
    const [, instance, stream] = OUTPUT.exec(path) ?? [];
    if (instance === undefined) return;
    const output = this.#outputs.get(instance) ?? { stdout: "", stderr: "" };
    this.#outputs.set(instance, output);
    output[stream === "stderr" ? "stderr" : "stdout"] += Buffer.from(data).toString();
  }

  /** By instance name. */
  of(instance: string): Output {
    return this.#outputs.get(instance) ?? { stdout: "", stderr: "" };
  }

  forget(instance: string): void {
    this.#outputs.delete(instance);
  }
}
