/**
 * Named pipes between lxe and processes of containers. A pipe's content and its backpressure are the kernel's: nothing is lost in
 * between, and a writer waits for a reader that does not read. Owns no path names.
 *
 * Whoever shares the directory may be hostile: what is no pipe is not opened, and links are not followed.
 */

import { close, constants, fchmod, fchown, fstat, open } from "node:fs";
import { lstat, rm } from "node:fs/promises";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { promisify } from "node:util";
import { passPipe } from "./pass-pipe.ts";
import { runCommand } from "./run-command.ts";

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
const openFd = promisify(open);
const closeFd = promisify(close);
const statFd = promisify(fstat);
const chmodFd = promisify(fchmod);
const chownFd = promisify(fchown);

export interface PipeOptions {
  readonly mode: number;
  /** Both ids, or the process's own. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/** One end of a pipe, as a file descriptor; becomes a stream, or is closed. */
export class PipeEnd implements AsyncDisposable {
  #fd: number | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  get fd(): number {
    if (this.#fd === undefined) throw new Error("this end of the pipe was given away");
    return this.#fd;
  }

  /**
   * Passes on what comes out. Resolves at its end, or when `to` takes no more. A pipe that nobody has open for writing has ended, so
   * not before somebody has.
   */
  passTo(to: Writable): Promise<void> {
    const { fd } = this;
    this.#fd = undefined;
    return passPipe(fd, to);
  }

  /** What goes in. Fails with EPIPE when nobody can read it any more. */
  writing(): Socket {
    const { fd } = this;
    this.#fd = undefined;
    return new Socket({ fd, readable: false, writable: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) await closeFd(fd);
  }
}

/** Makes pipes where nothing is yet. The reading ends are given, so that opening a pipe for writing does not have to wait. */
export async function makePipes(paths: readonly string[], options: PipeOptions): Promise<PipeEnd[]> {
  if (paths.length === 0) return [];
  await using undo = new AsyncDisposableStack();
  // also of a mkfifo that fails: it makes those that it can
  undo.defer(() => removeMade(paths));
  // Node has no mkfifo(3)
  await runCommand("mkfifo", [...paths]);
  const ends: PipeEnd[] = [];
  for (const path of paths) {
    const end = undo.use(await openPipe(path, O_RDONLY));
    if (options.owner) await chownFd(end.fd, options.owner.uid, options.owner.gid);
    await chmodFd(end.fd, options.mode);
    ends.push(end);
  }
  undo.move();
  return ends;
}

/** @throws an error with `code` ENXIO when nobody has the pipe open for reading, ENOENT when it is not there. */
export function openForWriting(path: string): Promise<PipeEnd> {
  return openPipe(path, O_WRONLY);
}

/** Never waits for somebody at the other end. */
export function openForReading(path: string): Promise<PipeEnd> {
  return openPipe(path, O_RDONLY);
}

/** Whoever waits in opening it goes on. Never waits itself. */
export function openBothWays(path: string): Promise<PipeEnd> {
  return openPipe(path, O_RDWR);
}

export async function removePipes(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map((path) => rm(path, { force: true })));
}

/** What is no pipe was there before. */
async function removeMade(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const found = await lstat(path).catch(() => undefined);
    if (found?.isFIFO()) await rm(path, { force: true });
  }
}

async function openPipe(path: string, access: number): Promise<PipeEnd> {
  const fd = await openFd(path, access | O_NONBLOCK | O_NOFOLLOW);
  if ((await statFd(fd)).isFIFO()) return new PipeEnd(fd);
  await closeFd(fd);
  throw Object.assign(new Error(`${path} is no pipe`), { code: "ENOENT" });
}
