/** What an applet gets, and how it fails: as busybox does. */
import { Errno } from "../../core/errno.ts";
import { fromBuffer } from "../../core/bytes.ts";
import type { Process } from "../../core/process.ts";
import { closeQuietly, openFd, readFd, writeFd } from "../../sys/io.ts";

/** Runs with its arguments (without its name); the result is the exit code. */
export type Applet = (io: AppletIo, args: string[]) => Promise<number>;

/** Ends the applet with a message on stderr. */
export class Failure extends Error {
  readonly code: number;

  constructor(message: string, code = 1) {
    super(message);
    this.code = code;
  }
}

/** Wrong usage: busybox prints its help; the first line says what is wrong. */
export class UsageError extends Failure {}

export class AppletIo {
  readonly process: Process;
  /** As the messages begin. */
  readonly name: string;

  constructor(process: Process, name: string) {
    this.process = process;
    this.name = name;
  }

  get env(): Map<string, string> {
    return this.process.env;
  }

  async out(text: string | Buffer): Promise<void> {
    if (text.length === 0) return;
    try {
      await writeFd(this.process, 1, text);
    } catch (error) {
      if (error instanceof Errno) throw new Failure(`write error: ${error.text}`);
      throw error;
    }
  }

  /** A line on stderr, after the applet's name. */
  async warn(message: string): Promise<void> {
    await writeFd(this.process, 2, `${this.name}: ${message}\n`);
  }

  /** Runs `work`; a failed system call is a message about `what`, and false. */
  async try(what: string, work: () => Promise<void> | void): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      await this.warn(`${what}: ${error.text}`);
      return false;
    }
  }

  /** Chunks of an open descriptor. */
  async *chunks(fd: number): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = await readFd(this.process, fd);
      if (chunk.length === 0) return;
      yield chunk;
    }
  }

  /** Lines (with their newline, the last one perhaps without) in batches as they arrive. */
  async *lines(fd: number): AsyncGenerator<string[]> {
    let rest = "";
    for await (const chunk of this.chunks(fd)) {
      const text = rest + fromBuffer(chunk);
      const end = text.lastIndexOf("\n") + 1;
      rest = text.slice(end);
      if (end > 0) yield text.slice(0, end).match(/[^\n]*\n/g) ?? [];
    }
    if (rest !== "") yield [rest];
  }

  /** Opens each file (`-` and none at all: stdin) and works on it. False when one could not be opened. */
  async eachInput(files: readonly string[], work: (fd: number, name: string) => Promise<void>): Promise<boolean> {
    let good = true;
    for (const file of files.length === 0 ? ["-"] : files) {
      if (file === "-") await work(0, "-");
      else if (!(await this.#withFile(file, work))) good = false;
    }
    return good;
  }

  async #withFile(file: string, work: (fd: number, name: string) => Promise<void>): Promise<boolean> {
    let fd: number;
    try {
      fd = await openFd(this.process, file, 0);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      await this.warn(`can't open '${file}': ${error.text}`);
      return false;
    }
    try {
      await work(fd, file);
      return true;
    } catch (error) {
      if (!(error instanceof Errno && error.code === "EISDIR")) throw error;
      await this.warn(`read error: ${error.text}`);
      return false;
    } finally {
      closeQuietly(this.process, fd);
    }
  }
}

/** Runs an applet in this process; its failures become messages and codes. */
export async function runApplet(process: Process, applet: Applet, name: string, args: string[]): Promise<number> {
  const io = new AppletIo(process, name);
  try {
    return await applet(io, args);
  } catch (error) {
    if (error instanceof Failure) {
      await io.warn(error.message);
      return error.code;
    }
    if (!(error instanceof Errno) || process.dead) throw error;
    await io.warn(error.text);
    return 1;
  }
}
