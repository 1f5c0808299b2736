/** Redirections, for good or for the time of one command. */
import { Errno, isErrno } from "../core/errno.ts";
import { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_TRUNC, O_WRONLY, type OpenFile } from "../core/open-file.ts";
import { Pipe } from "../core/pipe.ts";
import { toBuffer } from "../core/bytes.ts";
import type { Process } from "../core/process.ts";
import { open, stat } from "../sys/files.ts";
import { writeFd } from "../sys/io.ts";
import { fork } from "../sys/processes.ts";
import { S_IFMT, S_IFREG } from "../vfs/types.ts";
import type { Redirect } from "./ast.ts";
import { expandText } from "./expand.ts";
import type { Shell } from "./shell.ts";

/** Descriptors from here on are the shell's own. */
const ownDescriptors = 10;
const pipeBytes = 65_536;

const openFlags: Partial<Record<Redirect["operator"], number>> = {
  "<": 0,
  ">": O_WRONLY | O_CREAT | O_TRUNC,
  ">|": O_WRONLY | O_CREAT | O_TRUNC,
  ">>": O_WRONLY | O_CREAT | O_APPEND,
  "<>": O_RDWR | O_CREAT,
  "&>": O_WRONLY | O_CREAT | O_TRUNC,
  "&>>": O_WRONLY | O_CREAT | O_APPEND,
};

/** Says what went wrong and returns false when a redirection fails. */
export async function redirectPermanently(shell: Shell, redirects: readonly Redirect[]): Promise<boolean> {
  for (const redirect of redirects) if (!(await apply(shell, redirect))) return false;
  return true;
}

/** Runs with the redirections, and takes them back. When one fails: status 1, or `failure` is thrown. */
export function withRedirects(
  shell: Shell,
  redirects: readonly Redirect[],
  run: () => Promise<number>,
  failure?: () => Error,
): Promise<number> {
  return redirects.length === 0 ? run() : redirected(shell, redirects, run, failure);
}

async function redirected(
  shell: Shell,
  redirects: readonly Redirect[],
  run: () => Promise<number>,
  failure: (() => Error) | undefined,
): Promise<number> {
  const saved = save(shell.process, redirects);
  try {
    if (!(await redirectPermanently(shell, redirects))) {
      if (failure) throw failure();
      return 1;
    }
    return await run();
  } finally {
    restore(shell.process, saved);
  }
}

interface Saved {
  fd: number;
  /** Where the old file is kept; undefined: it was closed. */
  copy: number | undefined;
}

function save(process: Process, redirects: readonly Redirect[]): Saved[] {
  const fds = new Set(redirects.flatMap(({ fd, operator }) => (operator.startsWith("&") ? [1, 2] : [fd])));
  return [...fds].map((fd) => {
    const file = process.fds.find(fd);
    return { fd, copy: file && process.fds.add(file, true, ownDescriptors) };
  });
}

function restore(process: Process, saved: Saved[]): void {
  if (process.dead) return;
  for (const { fd, copy } of saved) {
    if (copy === undefined) {
      if (process.fds.find(fd)) process.fds.close(fd);
      continue;
    }
    process.fds.set(fd, process.fds.get(copy));
    process.fds.close(copy);
  }
}

async function apply(shell: Shell, redirect: Redirect): Promise<boolean> {
  const { fds } = shell.process;
  if (redirect.operator === "<<") {
    fds.set(redirect.fd, hereDocument(shell.process, await expandText(shell, redirect.target)));
    return true;
  }
  const target = await expandText(shell, redirect.target);
  if (redirect.operator === "<&" || redirect.operator === ">&") return duplicate(shell, redirect, target);
  const file = await openTarget(shell, redirect, target);
  if (!file) return false;
  fds.set(redirect.operator.startsWith("&") ? 1 : redirect.fd, file);
  if (redirect.operator.startsWith("&")) fds.set(2, file);
  return true;
}

async function duplicate(shell: Shell, { fd, operator }: Redirect, target: string): Promise<boolean> {
  const { fds } = shell.process;
  if (target === "-") {
    if (fds.find(fd)) fds.close(fd);
    return true;
  }
  if (!/^\d+$/.test(target)) {
    if (operator === ">&")
      return apply(shell, { fd: 1, operator: "&>", target: [{ kind: "text", text: target, quoted: true }] });
    await shell.error(`${target}: bad file descriptor`);
    return false;
  }
  const file = fds.find(Number(target));
  if (!file) {
    await shell.error(`${target}: Bad file descriptor`);
    return false;
  }
  fds.set(fd, file);
  return true;
}

async function openTarget(shell: Shell, { operator }: Redirect, path: string): Promise<OpenFile | undefined> {
  const flags = openFlags[operator] ?? 0;
  const creating = (flags & O_CREAT) !== 0;
  try {
    const guarded = operator === ">" && shell.options.has("C") ? clobberFlags(shell.process, path, flags) : flags;
    return await open(shell.process, path, guarded);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const absent = creating ? "nonexistent directory" : "no such file";
    const text = error.code === "ENOENT" ? absent : error.text;
    await shell.error(`can't ${creating ? "create" : "open"} ${path}: ${text}`);
    return undefined;
  }
}

/** `set -C`: only a new file, or what is no regular file. */
function clobberFlags(process: Process, path: string, flags: number): number {
  try {
    return (stat(process, path).mode & S_IFMT) === S_IFREG ? flags | O_EXCL : flags;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return flags | O_EXCL;
    throw error;
  }
}

/** The text through a pipe; one that does not fit is written by a child. */
function hereDocument(process: Process, text: string): OpenFile {
  const [reader, writer] = new Pipe().ends();
  const data = toBuffer(text);
  if (data.length <= pipeBytes) {
    writer.pipe.put(data);
    writer.acquire().release();
    return reader;
  }
  const fd = process.fds.add(writer);
  fork(process, async (child) => {
    for (const other of child.fds.numbers()) if (other !== fd) child.fds.close(other);
    await writeFd(child, fd, data);
    return 0;
  });
  process.fds.close(fd);
  return reader;
}
