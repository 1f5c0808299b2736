/** cp mv */
import { Errno, isErrno } from "../core/errno.ts";
import { O_CREAT, O_EXCL, O_TRUNC, O_WRONLY } from "../core/open-file.ts";
import {
  chmod,
  chown,
  exists,
  lstat,
  mkdir,
  mkfifo,
  readdir,
  readlink,
  rename,
  rmdir,
  stat,
  symlink,
  unlink,
  utimes,
} from "../sys/files.ts";
import { closeQuietly, openFd, readFd, writeFd } from "../sys/io.ts";
import { type Stat, typeOf } from "../vfs/types.ts";
import { type Applet, type AppletIo, UsageError } from "./lib/applet.ts";
import { type Options, parseOptions } from "./lib/options.ts";
import { isDirectory, joinPath, lastName, walkTree } from "./lib/trees.ts";

export const cp: Applet = async (io, args) => {
  const options = parseOptions(args, "arRdPLHpfilsTuvt:", { archive: "a", recursive: "r", preserve: "p", force: "f" });
  return forEachTarget(io, options, async (from, to) => {
    const recursive = ["r", "R", "a"].some((letter) => options.has(letter));
    return copy(io, from, to, options, recursive);
  });
};

/** `A B`, `A... DIR` or `-t DIR A...`. */
async function forEachTarget(
  io: AppletIo,
  options: Options,
  work: (from: string, to: string) => Promise<boolean>,
): Promise<number> {
  const operands = [...options.operands];
  const target = options.value("t") ?? operands.pop();
  if (target === undefined || operands.length === 0) throw new UsageError("missing operand");
  const { process } = io;
  const inside = !options.has("T") && exists(process, target) && isDirectory(stat(process, target));
  if (operands.length > 1 && !inside) {
    await io.warn(`target '${target}' is not a directory`);
    return 1;
  }
  let code = 0;
  for (const from of operands) if (!(await work(from, inside ? joinPath(target, lastName(from)) : target))) code = 1;
  return code;
}

async function copy(io: AppletIo, from: string, to: string, options: Options, recursive: boolean): Promise<boolean> {
  const { process } = io;
  try {
    const keepLinks = !options.has("L") && (recursive || options.has("d") || options.has("P"));
    const info = keepLinks ? lstat(process, from) : stat(process, from);
    const there = exists(process, to) ? stat(process, to) : undefined;
    if (there && there.dev === info.dev && there.ino === info.ino) {
      await io.warn(`'${from}' and '${to}' are the same file`);
      return false;
    }
    if (isDirectory(info)) return await copyDirectory(io, from, to, info, options, recursive);
    await copyOne(io, from, to, info, options);
    if (options.has("p") || options.has("a")) preserve(io, to, info);
    return true;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const missing = error.code === "ENOENT" && !anythingAt(io, from);
    await io.warn(missing ? `can't stat '${from}': ${error.text}` : `can't create '${to}': ${error.text}`);
    return false;
  }
}

function anythingAt({ process }: AppletIo, path: string): boolean {
  try {
    lstat(process, path);
    return true;
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}

async function copyDirectory(
  io: AppletIo,
  from: string,
  to: string,
  info: Stat,
  options: Options,
  recursive: boolean,
): Promise<boolean> {
  const { process } = io;
  if (!recursive) {
    await io.warn(`omitting directory '${from}'`);
    return false;
  }
  if (!exists(process, to)) mkdir(process, to, (info.mode & 0o777) | 0o700);
  let good = true;
  for (const name of readdir(process, from))
    if (!(await copy(io, joinPath(from, name), joinPath(to, name), options, true))) good = false;
  if (options.has("p") || options.has("a")) preserve(io, to, info);
  return good;
}

async function copyOne(io: AppletIo, from: string, to: string, info: Stat, options: Options): Promise<void> {
  const { process } = io;
  const kind = typeOf(info.mode);
  if (kind === "symlink") {
    replace(io, to);
    return symlink(process, readlink(process, from), to);
  }
  if (kind === "fifo") {
    replace(io, to);
    return mkfifo(process, to, info.mode & 0o777);
  }
  await copyContent(io, from, to, info.mode & 0o777, options.has("f"));
}

function replace({ process }: AppletIo, path: string): void {
  try {
    unlink(process, path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

async function copyContent(io: AppletIo, from: string, to: string, mode: number, force: boolean): Promise<void> {
  const { process } = io;
  const source = await openFd(process, from, 0);
  try {
    const target = await openTarget(io, to, mode, force);
    try {
      for (let chunk = await readFd(process, source); chunk.length > 0; chunk = await readFd(process, source))
        await writeFd(process, target, chunk);
    } finally {
      closeQuietly(process, target);
    }
  } finally {
    closeQuietly(process, source);
  }
}

async function openTarget(io: AppletIo, path: string, mode: number, force: boolean): Promise<number> {
  try {
    return await openFd(io.process, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  } catch (error) {
    if (!force || !isErrno(error, "EACCES")) throw error;
    unlink(io.process, path);
    return openFd(io.process, path, O_WRONLY | O_CREAT | O_EXCL, mode);
  }
}

function preserve({ process }: AppletIo, path: string, info: Stat): void {
  if (process.credentials.euid === 0) chown(process, path, info.uid, info.gid, false);
  if (typeOf(info.mode) === "symlink") return;
  chmod(process, path, info.mode & 0o7777);
  utimes(process, path, info.mtimeMs, false);
}

export const mv: Applet = async (io, args) => {
  const options = parseOptions(args, "finTt:", { force: "f", "no-clobber": "n" });
  return forEachTarget(io, options, async (from, to) => {
    if (options.has("n") && exists(io.process, to)) return true;
    try {
      rename(io.process, from, to);
      return true;
    } catch (error) {
      if (isErrno(error, "EXDEV")) return moveAcross(io, from, to);
      if (!(error instanceof Errno)) throw error;
      await io.warn(`can't rename '${from}': ${error.text}`);
      return false;
    }
  });
};

/** To another file system: a copy, then the original goes. */
async function moveAcross(io: AppletIo, from: string, to: string): Promise<boolean> {
  const options = parseOptions(["-a", "-f"], "af");
  if (!(await copy(io, from, to, options, true))) return false;
  for (const { path, info } of walkTree(io.process, from, true)) {
    if (isDirectory(info)) rmdir(io.process, path);
    else unlink(io.process, path);
  }
  return true;
}
