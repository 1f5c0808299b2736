/** Applets that look at files: stat readlink realpath which du df find mktemp. */
import { Errno, isErrno } from "../core/errno.ts";
import { O_CREAT, O_EXCL, O_RDWR } from "../core/open-file.ts";
import {
  access,
  exists,
  lstat,
  mkdir,
  open,
  readlink as readLink,
  realpath as realPath,
  stat as statPath,
} from "../sys/files.ts";
import { X_OK } from "../vfs/credentials.ts";
import { S_IFMT, S_IFREG, type Stat, typeOf } from "../vfs/types.ts";
import { groupName, userName } from "./lib/accounts.ts";
import { type Applet, type AppletIo, Failure, UsageError } from "./lib/applet.ts";
import { formatDate } from "./lib/dates.ts";
import { modeText } from "./lib/modes.ts";
import { parseOptions } from "./lib/options.ts";
import { humanSize } from "./lib/sizes.ts";
import { isDirectory, walkTree } from "./lib/trees.ts";

const dateFormat = "%Y-%m-%d %H:%M:%S.%N %z";

export const stat: Applet = async (io, args) => {
  const options = parseOptions(args, "ltfLc:", { format: "c", dereference: "L" });
  let code = 0;
  for (const path of options.operands) {
    const info = await statOrWarn(io, path, options.has("L"));
    if (!info) code = 1;
    else
      await io.out(
        options.value("c") === undefined
          ? full(io, path, info)
          : `${formatted(io, path, info, options.value("c") ?? "")}\n`,
      );
  }
  return code;
};

async function statOrWarn(io: AppletIo, path: string, follow: boolean): Promise<Stat | undefined> {
  try {
    return follow ? statPath(io.process, path) : lstat(io.process, path);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    await io.warn(`can't stat '${path}': ${error.text}`);
    return undefined;
  }
}

function kindText(info: Stat): string {
  const kind = typeOf(info.mode);
  if (kind === "file") return info.size === 0 ? "regular empty file" : "regular file";
  const texts: Partial<Record<typeof kind, string>> = {
    symlink: "symbolic link",
    "character-device": "character special file",
    "block-device": "block special file",
  };
  return texts[kind] ?? kind;
}

function formatted({ process }: AppletIo, path: string, info: Stat, format: string): string {
  const quoted = () => (typeOf(info.mode) === "symlink" ? `'${path}' -> '${readLink(process, path)}'` : path);
  const values: Record<string, () => string> = {
    a: () => (info.mode & 0o7777).toString(8),
    A: () => modeText(info.mode),
    b: () => String(Math.ceil(info.size / 512)),
    B: () => "512",
    d: () => String(info.dev),
    D: () => info.dev.toString(16),
    f: () => info.mode.toString(16),
    F: () => kindText(info),
    g: () => String(info.gid),
    G: () => groupName(process, info.gid) ?? "UNKNOWN",
    h: () => String(info.nlink),
    i: () => String(info.ino),
    n: () => path,
    N: quoted,
    o: () => "4096",
    s: () => String(info.size),
    t: () => (info.rdev >> 8).toString(16),
    T: () => (info.rdev & 255).toString(16),
    u: () => String(info.uid),
    U: () => userName(process, info.uid) ?? "UNKNOWN",
    x: () => formatDate(info.atimeMs, dateFormat),
    X: () => String(Math.floor(info.atimeMs / 1000)),
    y: () => formatDate(info.mtimeMs, dateFormat),
    Y: () => String(Math.floor(info.mtimeMs / 1000)),
    z: () => formatDate(info.ctimeMs, dateFormat),
    Z: () => String(Math.floor(info.ctimeMs / 1000)),
    "%": () => "%",
  };
  return format.replaceAll(/%([a-zA-Z%])/g, (_all, letter: string) => values[letter]?.() ?? "?");
}

function full(io: AppletIo, path: string, info: Stat): string {
  return formatted(
    io,
    path,
    info,
    `  File: %N\n  Size: %s\tBlocks: %b\tIO Block: %o\t%F\nDevice: %Dh/%dd\tInode: %i\tLinks: %h\nAccess: (0%a/%A)  Uid: (%u/%U)   Gid: (%g/%G)\nAccess: %x\nModify: %y\nChange: %z\n`,
  );
}

export const readlink: Applet = async (io, args) => {
  const options = parseOptions(args, "fnqsvem");
  const [path] = options.operands;
  if (path === undefined) throw new UsageError("usage: readlink [-fn] FILE");
  try {
    const target = options.has("f") || options.has("e") ? canonical(io, path) : readLink(io.process, path);
    await io.out(`${target}${options.has("n") ? "" : "\n"}`);
    return 0;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (options.has("v")) await io.warn(`${path}: ${error.text}`);
    return 1;
  }
};

/** The last component may be missing. */
function canonical({ process }: AppletIo, path: string): string {
  try {
    return realPath(process, path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    const at = path.lastIndexOf("/");
    const parent = realPath(process, at < 0 ? "." : path.slice(0, at) || "/");
    return `${parent === "/" ? "" : parent}/${path.slice(at + 1)}`;
  }
}

export const realpath: Applet = async (io, args) => {
  let code = 0;
  for (const path of args) if (!(await io.try(path, async () => io.out(`${canonical(io, path)}\n`)))) code = 1;
  return code;
};

export const which: Applet = async (io, args) => {
  const options = parseOptions(args, "a");
  let code = 0;
  for (const name of options.operands) {
    const candidates = name.includes("/")
      ? [name]
      : (io.env.get("PATH") ?? "/sbin:/usr/sbin:/bin:/usr/bin")
          .split(":")
          .map((directory) => `${directory || "."}/${name}`);
    const found = candidates.filter((path) => executable(io, path));
    if (found.length === 0) code = 1;
    for (const path of options.has("a") ? found : found.slice(0, 1)) await io.out(`${path}\n`);
  }
  return code;
};

function executable({ process }: AppletIo, path: string): boolean {
  try {
    access(process, path, X_OK);
    return (statPath(process, path).mode & S_IFMT) === S_IFREG;
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}

export const du: Applet = async (io, args) => {
  const options = parseOptions(args, "aHLhkmscxlbd:", { summarize: "s" });
  const depthMax = options.has("s") ? 0 : Number(options.value("d") ?? Number.POSITIVE_INFINITY);
  const show = (bytes: number) =>
    options.has("h")
      ? humanSize(bytes)
      : options.has("b")
        ? String(bytes)
        : String(Math.ceil(bytes / (options.has("m") ? 2 ** 20 : 1024)));
  let total = 0;
  let code = 0;
  for (const path of options.operands.length > 0 ? options.operands : ["."]) {
    const good = await io.try(path, async () => {
      const sums = treeSizes(io, path, options.has("b"));
      total += sums.get(path)?.bytes ?? 0;
      for (const [one, { bytes, isDir, depth }] of sums) {
        if ((isDir || options.has("a") || depth === 0) && depth <= depthMax) await io.out(`${show(bytes)}\t${one}\n`);
      }
    });
    if (!good) code = 1;
  }
  if (options.has("c")) await io.out(`${show(total)}\ttotal\n`);
  return code;
};

interface TreeSize {
  bytes: number;
  isDir: boolean;
  depth: number;
}

/** In post-order: what a directory holds comes before it. */
function treeSizes(io: AppletIo, root: string, apparent: boolean): Map<string, TreeSize> {
  const sums = new Map<string, TreeSize>();
  const depthOf = (path: string) => path.split("/").length - root.split("/").length;
  for (const { path, info } of walkTree(io.process, root, true)) {
    const own = apparent ? info.size : Math.ceil(info.size / 4096) * 4096;
    const below = [...sums].filter(([one, { depth }]) => one.startsWith(`${path}/`) && depth === depthOf(path) + 1);
    const bytes = below.reduce((sum, [, size]) => sum + size.bytes, own);
    sums.set(path, { bytes, isDir: isDirectory(info), depth: depthOf(path) });
  }
  return sums;
}

export const df: Applet = async (io, args) => {
  const options = parseOptions(args, "PkmhTai");
  const rows = io.process.mounts
    .list()
    .filter(({ fs }) => options.has("a") || !["proc", "sysfs", "mqueue"].includes(fs.type));
  const wanted = options.operands.map((path) => realPath(io.process, path));
  const best = (path: string) =>
    rows.filter((mount) => covers(mount.path, path)).toSorted((a, b) => b.path.length - a.path.length)[0];
  const shown = wanted.length > 0 ? wanted.map(best).filter((mount) => mount !== undefined) : rows;
  const unit = options.has("m") ? 2 ** 20 : 1024;
  const number = (bytes: number) => (options.has("h") ? humanSize(bytes) : String(Math.floor(bytes / unit)));
  await io.out(
    `Filesystem           ${options.has("h") ? "     Size      Used Available Use%" : `${options.has("m") ? "1M" : "1K"}-blocks      Used Available Use%`} Mounted on\n`,
  );
  for (const mount of shown) {
    const { totalBytes, usedBytes } = mount.fs.space?.() ?? { totalBytes: 64 * 2 ** 30, usedBytes: 8 * 2 ** 30 };
    const percent = totalBytes === 0 ? 0 : Math.ceil((usedBytes * 100) / totalBytes);
    await io.out(
      `${mount.source.padEnd(20)} ${number(totalBytes).padStart(9)} ${number(usedBytes).padStart(9)} ${number(totalBytes - usedBytes).padStart(9)} ${String(percent).padStart(3)}% ${mount.path}\n`,
    );
  }
  return 0;
};

export const mktemp: Applet = async (io, args) => {
  const options = parseOptions(args, "dqtup:");
  const { process } = io;
  const template = options.operands[0] ?? "tmp.XXXXXX";
  if (!template.endsWith("XXXXXX")) throw new Failure(`bad template '${template}'`);
  const base =
    options.value("p") ??
    (options.operands.length === 0 || options.has("t") ? (io.env.get("TMPDIR") ?? "/tmp") : undefined);
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  for (let attempt = 0; attempt < 100; attempt++) {
    const suffix = [...process.machine.randomBytes(6)].map((byte) => letters[byte % letters.length]).join("");
    const name = template.replace(/XXXXXX$/, suffix);
    const path = base === undefined ? name : `${base}/${name}`;
    if (exists(process, path)) continue;
    if (options.has("u")) {
      // Only a name is wanted.
    } else if (options.has("d")) mkdir(process, path, 0o700);
    else (await open(process, path, O_CREAT | O_EXCL | O_RDWR, 0o600)).acquire().release();
    await io.out(`${path}\n`);
    return 0;
  }
  throw new Failure("can't make a unique name");
};

function covers(mountPath: string, path: string): boolean {
  return path === mountPath || path.startsWith(mountPath === "/" ? "/" : `${mountPath}/`);
}
