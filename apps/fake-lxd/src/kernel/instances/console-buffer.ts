/** The container's terminal as the daemon keeps it: a ring of what was written, and whoever is attached. */
import type { GuestConsole } from "../../guest/types.ts";
import { appendFileSync, statSync, truncateSync } from "node:fs";
import { consoleBufferBytes } from "../../limits.ts";

export interface ConsoleLog {
  path: string;
  limitBytes: number;
}

/** At its limit the log begins anew, whoever has read it. */
function append({ path, limitBytes }: ConsoleLog, chunk: Buffer): void {
  try {
    if (limitBytes > 0 && statSync(path).size + chunk.length > limitBytes) truncateSync(path);
    appendFileSync(path, chunk);
  } catch {
    // removed with the container's directory: the monitor would go on writing to what has no name
  }
}

export class ConsoleBuffer {
  readonly terminal: GuestConsole;
  #chunks: Buffer[] = [];
  #bytes = 0;
  readonly #log: ConsoleLog | undefined;
  readonly #readers = new Set<(chunk: Buffer) => void>();

  /** `log`: a file of the host; undefined: none. */
  constructor(terminal: GuestConsole, log?: ConsoleLog) {
    this.terminal = terminal;
    this.#log = log;
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
    if (this.#log) append(this.#log, chunk);
    for (const reader of this.#readers) reader(chunk);
  }
}
