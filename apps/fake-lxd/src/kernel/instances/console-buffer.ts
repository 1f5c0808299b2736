/** The container's terminal as the daemon keeps it: a ring of what was written, and whoever is attached. */
import type { GuestConsole } from "../../guest/types.ts";
import { consoleBufferBytes } from "../../limits.ts";

export class ConsoleBuffer {
  readonly terminal: GuestConsole;
  #chunks: Buffer[] = [];
  #bytes = 0;
  readonly #readers = new Set<(chunk: Buffer) => void>();

  constructor(terminal: GuestConsole) {
    this.terminal = terminal;
    terminal.output.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  read(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }

  attach(reader: (chunk: Buffer) => void): Disposable {
    this.#readers.add(reader);
    return { [Symbol.dispose]: () => void this.#readers.delete(reader) };
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes > consoleBufferBytes && this.#chunks.length > 1) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
    }
    for (const reader of this.#readers) reader(chunk);
  }
}
