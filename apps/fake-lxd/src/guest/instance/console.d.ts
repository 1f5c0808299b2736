/** A guest's console: the master side of its first terminal. */
import { Readable, Writable } from "node:stream";
import { Tty } from "../core/tty.ts";
import type { GuestConsole } from "../types.ts";
export declare class Console implements GuestConsole {
  #private;
  readonly tty: Tty;
  readonly output: Readable;
  readonly input: Writable;
  constructor();
  resize(columns: number, rows: number): void;
  end(): void;
}
