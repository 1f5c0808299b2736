import type { Process } from "../../core/process.ts";
/** Runs with its arguments (without its name); the result is the exit code. */
export type Applet = (io: AppletIo, args: string[]) => Promise<number>;
/** Ends the applet with a message on stderr. */
export declare class Failure extends Error {
  readonly code: number;
  constructor(message: string, code?: number);
}
/** Wrong usage: busybox prints its help; the first line says what is wrong. */
export declare class UsageError extends Failure {}
export declare class AppletIo {
  #private;
  readonly process: Process;
  /** As the messages begin. */
  readonly name: string;
  constructor(process: Process, name: string);
  get env(): Map<string, string>;
  out(text: string | Buffer): Promise<void>;
  /** A line on stderr, after the applet's name. */
  warn(message: string): Promise<void>;
  /** Runs `work`; a failed system call is a message about `what`, and false. */
  try(what: string, work: () => Promise<void> | void): Promise<boolean>;
  /** Chunks of an open descriptor. */
  chunks(fd: number): AsyncGenerator<Buffer>;
  /** Lines (with their newline, the last one perhaps without) in batches as they arrive. */
  lines(fd: number): AsyncGenerator<string[]>;
  /** Opens each file (`-` and none at all: stdin) and works on it. False when one could not be opened. */
  eachInput(files: readonly string[], work: (fd: number, name: string) => Promise<void>): Promise<boolean>;
}
/** Runs an applet in this process; its failures become messages and codes. */
export declare function runApplet(process: Process, applet: Applet, name: string, args: string[]): Promise<number>;
