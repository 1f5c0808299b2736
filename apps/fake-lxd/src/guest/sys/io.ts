/** System calls on file descriptors. */
import { fromBuffer, toBuffer } from "../core/bytes.ts";
import { Errno, isErrno } from "../core/errno.ts";
import { O_CLOEXEC, type OpenFile } from "../core/open-file.ts";
import { Pipe } from "../core/pipe.ts";
import type { Process } from "../core/process.ts";
import { SIGPIPE } from "../core/signals.ts";
import { open } from "./files.ts";

const chunkBytes = 65_536;

export async function openFd(process: Process, path: string, flags: number, mode?: number): Promise<number> {
  const file = await open(process, path, flags, mode);
  return process.fds.add(file, (flags & O_CLOEXEC) !== 0);
}

export async function readFd(process: Process, fd: number, max = chunkBytes): Promise<Buffer> {
  const file = process.fds.get(fd);
  if (!file.readable) throw new Errno("EBADF");
  const held = process.enter();
  if (held !== undefined) await held;
  return file.read(process, max);
}

/** Writes all of it. A pipe without readers means SIGPIPE, then EPIPE. */
export async function writeFd(process: Process, fd: number, data: Buffer | string): Promise<void> {
  const file = process.fds.get(fd);
  if (!file.writable) throw new Errno("EBADF");
  const bytes = typeof data === "string" ? toBuffer(data) : data;
  const held = process.enter();
  if (held !== undefined) await held;
  for (let done = 0; done < bytes.length; ) done += await writeSome(process, file, bytes.subarray(done));
}

async function writeSome(process: Process, file: OpenFile, data: Buffer): Promise<number> {
  try {
    return await file.write(process, data);
  } catch (error) {
    if (isErrno(error, "EPIPE")) {
      process.signal(SIGPIPE, process);
      process.alive();
    }
    throw error;
  }
}

/** Everything up to the end of the file, as a byte string. */
export async function readAll(process: Process, fd: number): Promise<string> {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = await readFd(process, fd);
    if (chunk.length === 0) return fromBuffer(Buffer.concat(chunks));
    chunks.push(chunk);
  }
}

export async function readFile(process: Process, path: string): Promise<string> {
  const fd = await openFd(process, path, 0);
  try {
    return await readAll(process, fd);
  } finally {
    closeQuietly(process, fd);
  }
}

export async function writeFile(process: Process, path: string, flags: number, data: string): Promise<void> {
  const fd = await openFd(process, path, flags);
  try {
    await writeFd(process, fd, data);
  } finally {
    closeQuietly(process, fd);
  }
}

/** For `finally`: a dead process has no descriptors any more. */
export function closeQuietly(process: Process, fd: number): void {
  if (process.fds.find(fd)) process.fds.close(fd);
}

export function pipe(process: Process): [reader: number, writer: number] {
  process.alive();
  const [reader, writer] = new Pipe().ends();
  return [process.fds.add(reader), process.fds.add(writer)];
}

export function isTty(process: Process, fd: number): boolean {
  return process.fds.find(fd)?.tty !== undefined;
}
