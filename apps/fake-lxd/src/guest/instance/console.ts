/** A guest's console: the master side of its first terminal. */
import { Readable, Writable } from "node:stream";
import { Tty } from "../core/tty.ts";
import { WaitQueue } from "../core/wait-queue.ts";
import type { GuestConsole } from "../types.ts";

/** What nobody reads is kept up to here; then the oldest is lost, so that the guest never waits. */
const backlogBytesMax = 1024 * 1024;

export class Console implements GuestConsole {
  readonly tty: Tty;
  readonly output: Readable;
  readonly input: Writable;
  #backlog: Buffer[] = [];
  #backlogBytes = 0;
  #wanted = false;

  constructor() {
    this.tty = new Tty(
      "/dev/console",
      { write: (data) => this.#write(data), drained: new WaitQueue() },
      { columns: 80, rows: 24 },
    );
    this.output = new Readable({
      read: () => {
        this.#wanted = true;
        this.#flush();
      },
    });
    this.input = new Writable({
      write: (chunk: Uint8Array, _encoding, done) => {
        this.tty.type(chunk);
        done();
      },
    });
  }

  resize(columns: number, rows: number): void {
    this.tty.resize(columns, rows);
  }

  end(): void {
    this.#wanted = true;
    this.#flush();
    for (const rest of this.#backlog.splice(0)) this.output.push(rest);
    this.output.push(null);
  }

  #write(data: Buffer): boolean {
    this.#backlog.push(data);
    this.#backlogBytes += data.length;
    while (this.#backlogBytes > backlogBytesMax) this.#backlogBytes -= this.#backlog.shift()?.length ?? 0;
    this.#flush();
    return true;
  }

  #flush(): void {
    while (this.#wanted && this.#backlog.length > 0) {
      const next = this.#backlog.shift() ?? Buffer.alloc(0);
      this.#backlogBytes -= next.length;
      this.#wanted = this.output.push(next);
    }
  }
}
