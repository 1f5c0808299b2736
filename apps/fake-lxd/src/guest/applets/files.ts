/** Applets that change the tree: touch mkdir rmdir rm ln mkfifo mknod truncate chmod chown. */
import { Errno, isErrno } from "../core/errno.ts";
import { O_CREAT, O_WRONLY } from "../core/open-file.ts";
import {
  chmod as setMode,
  chown as setOwner,
  exists,
  link,
  lstat,
  mkdir as makeDirectory,
  mkfifo as makeFifo,
  mknod as makeNode,
  open,
  rmdir as removeDirectory,
  stat,
  symlink,
  unlink,
  utimes,
} from "../sys/files.ts";
import { isTty, readFd } from "../sys/io.ts";
import { passSeccomp } from "../sys/seccomp.ts";
import { W_OK, permitted } from "../vfs/credentials.ts";
import { S_IFLNK, S_IFMT } from "../vfs/types.ts";
import { findGid, findUid } from "./lib/accounts.ts";
import { type Applet, type AppletIo, Failure, UsageError } from "./lib/applet.ts";
import { parseDate } from "./lib/dates.ts";
import { parseMode } from "./lib/modes.ts";
import { type Options, parseOptions, parseSize } from "./lib/options.ts";
import { isDirectory, joinPath, lastName, walkTree } from "./lib/trees.ts";

/** Works on each path; 1 when one failed. */
async function each(
  io: AppletIo,
  paths: readonly string[],
  work: (path: string) => Promise<void> | void,
): Promise<number> {
  if (paths.length === 0) throw new UsageError("missing operand");
  let code = 0;
  for (const path of paths) if (!(await io.try(path, () => work(path)))) code = 1;
  return code;
}

export const touch: Applet = async (io, args) => {
  const options = parseOptions(args, "cafmhr:d:t:", { "no-create": "c", reference: "r", date: "d" });
  const { process } = io;
  const now = process.machine.now();
  const reference = options.value("r");
  const dateText = options.value("d") ?? options.value("t");
  const given = dateText === undefined ? undefined : parseDate(dateText, now);
  if (dateText !== undefined && given === undefined) throw new Failure(`invalid date '${dateText}'`);
  const time = reference === undefined ? given : stat(process, reference).mtimeMs;
  return each(io, options.operands, async (path) => {
    if (!exists(process, path)) {
      if (options.has("c")) return;
      const file = await open(process, path, O_WRONLY | O_CREAT);
      file.acquire().release();
    }
    utimes(process, path, time ?? now, time === undefined);
  });
};

export const mkdir: Applet = async (io, args) => {
  const options = parseOptions(args, "pm:", { mode: "m", parents: "p" });
  const modeValue = options.value("m");
  const mode = modeValue === undefined ? undefined : parseMode(modeValue, 0o777, io.process.umask);
  if (modeValue !== undefined && mode === undefined) throw new Failure(`invalid mode '${modeValue}'`);
  let code = 0;
  if (options.operands.length === 0) throw new UsageError("missing operand");
  for (const path of options.operands) {
    const make = () => {
      if (options.has("p")) makeParents(io, path);
      else makeDirectory(io.process, path);
      if (mode !== undefined) setMode(io.process, path, mode);
    };
    if (!(await io.try(`can't create directory '${path}'`, make))) code = 1;
  }
  return code;
};

function makeParents({ process }: AppletIo, path: string): void {
  const parts = path.split("/");
  for (let index = 1; index <= parts.length; index++) {
    const prefix = parts.slice(0, index).join("/");
    if (prefix === "") continue;
    try {
      makeDirectory(process, prefix);
    } catch (error) {
      if (!isErrno(error, "EEXIST", "EROFS", "EISDIR") || !exists(process, prefix)) throw error;
      if (!isDirectory(stat(process, prefix))) throw new Errno(index < parts.length ? "ENOTDIR" : "EEXIST");
    }
  }
}

export const rmdir: Applet = async (io, args) => {
  const options = parseOptions(args, "p", { parents: "p", "ignore-fail-on-non-empty": "p" });
  let code = 0;
  for (const path of options.operands) {
    const removed = await io.try(`'${path}'`, () => {
      removeDirectory(io.process, path);
      for (let parent = path; options.has("p") && parent.includes("/"); ) {
        parent = parent.slice(0, parent.lastIndexOf("/"));
        if (parent !== "") removeDirectory(io.process, parent);
      }
    });
    if (!removed) code = 1;
  }
  return code;
};

export const rm: Applet = async (io, args) => {
  const options = parseOptions(args, "ifrR", { force: "f", recursive: "r" });
  if (options.operands.length === 0 && !options.has("f")) throw new UsageError("missing operand");
  let code = 0;
  for (const path of options.operands) if (!(await remove(io, path, options))) code = 1;
  return code;
};

async function remove(io: AppletIo, path: string, options: Options): Promise<boolean> {
  const name = lastName(path);
  if (name === "." || name === "..") {
    await io.warn("can't remove '.' or '..'");
    return false;
  }
  try {
    return await removeFound(io, path, options);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (error.code === "ENOENT" && options.has("f")) return true;
    await io.warn(`can't remove '${path}': ${error.text}`);
    return false;
  }
}

async function removeFound(io: AppletIo, path: string, options: Options): Promise<boolean> {
  const info = lstat(io.process, path);
  if (isDirectory(info)) {
    if (!options.has("r") && !options.has("R")) {
      await io.warn(`'${path}' is a directory`);
      return false;
    }
    const children = [...walkTree(io.process, path)].filter(
      ({ path: one }) =>
        one
          .slice(path.length)
          .split("/")
          .filter((part) => part !== "").length === 1,
    );
    let good = true;
    for (const child of children) if (!(await remove(io, child.path, options))) good = false;
    if (good) removeDirectory(io.process, path);
    return good;
  }
  const protectedFile = (info.mode & S_IFMT) !== S_IFLNK && !permitted(io.process.credentials, info, W_OK);
  const asks = options.has("i") || (protectedFile && !options.has("f") && isTty(io.process, 0));
  if (asks && !(await confirmed(io, `remove '${path}'? `))) return true;
  unlink(io.process, path);
  return true;
}

async function confirmed(io: AppletIo, question: string): Promise<boolean> {
  await io.out(`${io.name}: ${question}`);
  const answer = await readFd(io.process, 0, 64);
  return /^[yY]/.test(answer.toString("latin1"));
}

export const ln: Applet = async (io, args) => {
  const options = parseOptions(args, "sfnTbv", { symbolic: "s", force: "f", "no-dereference": "n" });
  const { operands } = options;
  const last = operands.at(-1);
  if (last === undefined) throw new UsageError("missing operand");
  const { process } = io;
  const into = operands.length === 1 ? "." : last;
  const isLink = options.has("n") && exists(process, into) && (lstat(process, into).mode & S_IFMT) === S_IFLNK;
  const inside = !options.has("T") && !isLink && exists(process, into) && isDirectory(stat(process, into));
  let code = 0;
  for (const target of operands.length === 1 ? operands : operands.slice(0, -1)) {
    const path = inside ? joinPath(into, lastName(target)) : into;
    const made = await io.try(path, () => {
      if (options.has("f")) removeQuietly(io, path);
      if (options.has("s")) symlink(process, target, path);
      else link(process, target, path);
    });
    if (!made) code = 1;
  }
  return code;
};

function removeQuietly({ process }: AppletIo, path: string): void {
  try {
    unlink(process, path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

export const mkfifo: Applet = async (io, args) => {
  const options = parseOptions(args, "m:");
  const mode = parseMode(options.value("m") ?? "666", 0o666, 0) ?? 0o666;
  return each(io, options.operands, (path) => makeFifo(io.process, path, mode));
};

export const mknod: Applet = async (io, args) => {
  const options = parseOptions(args, "m:");
  const [path, kind, major = "0", minor = "0"] = options.operands;
  if (path === undefined || kind === undefined) throw new UsageError("usage: mknod [-m MODE] NAME TYPE [MAJOR MINOR]");
  if (kind === "p") return each(io, [path], (one) => makeFifo(io.process, one));
  if (!/^[bcu]$/.test(kind)) throw new UsageError(`invalid type '${kind}'`);
  if (!io.process.namespaces.user.isHost) throw new Failure(`${path}: Operation not permitted`);
  makeNode(
    io.process,
    path,
    kind === "b" ? "block-device" : "character-device",
    parseMode(options.value("m") ?? "666", 0o666, 0) ?? 0o666,
    Number(major) * 256 + Number(minor),
  );
  return 0;
};

export const truncate: Applet = async (io, args) => {
  const options = parseOptions(args, "cs:", { size: "s", "no-create": "c" });
  const text = options.value("s");
  if (text === undefined) throw new UsageError("usage: truncate [-c] -s SIZE FILE...");
  const relative = /^[+-]/.test(text);
  const amount = parseSize(text.replace(/^[+-]/, "")) * (text.startsWith("-") ? -1 : 1);
  return each(io, options.operands, async (path) => {
    if (options.has("c") && !exists(io.process, path)) return;
    const file = (await open(io.process, path, O_WRONLY | O_CREAT)).acquire();
    try {
      file.truncate(Math.max(0, relative ? file.stat().size + amount : amount));
    } finally {
      file.release();
    }
  });
};

export const chmod: Applet = async (io, args) => {
  const modeArg = args.find(isMode);
  const options = parseOptions(
    args.filter((arg) => arg !== modeArg),
    "Rvcf",
    { recursive: "R" },
  );
  const mode = modeArg ?? options.operands.shift();
  if (mode === undefined) throw new UsageError("usage: chmod [-Rcvf] MODE[,MODE]... FILE...");
  return each(io, options.operands, (path) => {
    const targets = options.has("R")
      ? [...walkTree(io.process, path)].filter(({ info }) => (info.mode & S_IFMT) !== S_IFLNK)
      : [{ path, info: stat(io.process, path) }];
    for (const target of targets) {
      const wanted = parseMode(mode, target.info.mode, io.process.umask);
      if (wanted === undefined) throw new Failure(`invalid mode '${mode}'`);
      passSeccomp(io.process, "chmod", [0, wanted]);
      setMode(io.process, target.path, wanted);
    }
  });
};

export const chown: Applet = async (io, args) => {
  const options = parseOptions(args, "RhvcfLHP", { recursive: "R", "no-dereference": "h" });
  const [owner, ...paths] = options.operands;
  if (owner === undefined) throw new UsageError("usage: chown [-Rhvcf]... USER[:[GRP]] FILE...");
  const [user = "", group] = io.name === "chgrp" ? ["", owner] : owner.split(/[:.]/);
  const uid = user === "" ? undefined : known(findUid(io.process, user), "user", user);
  const gid = group === undefined || group === "" ? undefined : known(findGid(io.process, group), "group", group);
  return each(io, paths, (path) => {
    const targets = options.has("R") ? [...walkTree(io.process, path)].map((one) => one.path) : [path];
    for (const target of targets) setOwner(io.process, target, uid, gid, !options.has("h") && !options.has("R"));
  });
};

function known(id: number | undefined, kind: string, name: string): number {
  if (id === undefined) throw new Failure(`unknown ${kind} ${name}`);
  return id;
}

/** A mode such as `-x` looks like options. */
function isMode(arg: string): boolean {
  return /^-[rwxXst]+(,|$)/.test(arg);
}
