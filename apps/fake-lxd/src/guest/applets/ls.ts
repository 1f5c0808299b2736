import { Errno } from "../core/errno.ts";
import { lstat, readdir, readlink, stat } from "../sys/files.ts";
import { isTty } from "../sys/io.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, type Stat, typeOf } from "../vfs/types.ts";
import { groupName, userName } from "./lib/accounts.ts";
import type { Applet, AppletIo } from "./lib/applet.ts";
import { formatDate } from "./lib/dates.ts";
import { modeText } from "./lib/modes.ts";
import { type Options, parseOptions } from "./lib/options.ts";
import { humanSize } from "./lib/sizes.ts";

interface Entry {
  name: string;
  path: string;
  info: Stat;
}

const long = {
  all: "a",
  "almost-all": "A",
  directory: "d",
  recursive: "R",
  reverse: "r",
  inode: "i",
  "full-time": "E",
  "group-directories-first": "G",
  color: "K",
};

export const ls: Applet = async (io, args) => {
  const options = parseOptions(
    args.map((arg) => (arg.startsWith("--color") ? "--color" : arg)),
    "1aACxdlLHRFpinshrSXvctugoEGKw:T:",
    long,
  );
  const listing = new Listing(io, options);
  return listing.run(options.operands.length > 0 ? options.operands : ["."]);
};

class Listing {
  readonly #io: AppletIo;
  readonly #options: Options;
  #code = 0;
  #printed = false;

  constructor(io: AppletIo, options: Options) {
    this.#io = io;
    this.#options = options;
  }

  async run(paths: string[]): Promise<number> {
    const entries: Entry[] = [];
    for (const path of paths) {
      const entry = await this.#entry(path, path, !this.#options.has("d") && !this.#options.has("l"));
      if (entry) entries.push(entry);
    }
    const isListed = ({ path, info }: Entry) => !this.#options.has("d") && this.#isDirectory(path, info);
    const files = entries.filter((entry) => !isListed(entry));
    const directories = this.#sort(entries.filter(isListed));
    if (files.length > 0) await this.#print(this.#sort(files), false);
    for (const { path } of directories) await this.#directory(path, paths.length > 1 || this.#options.has("R"));
    return this.#code;
  }

  #isDirectory(path: string, info: Stat): boolean {
    if ((info.mode & S_IFMT) === S_IFDIR) return true;
    if ((info.mode & S_IFMT) !== S_IFLNK || this.#options.has("l")) return false;
    return ((this.#follow(path)?.mode ?? 0) & S_IFMT) === S_IFDIR;
  }

  #follow(path: string): Stat | undefined {
    try {
      return stat(this.#io.process, path);
    } catch (error) {
      if (error instanceof Errno) return undefined;
      throw error;
    }
  }

  async #entry(name: string, path: string, follow: boolean): Promise<Entry | undefined> {
    try {
      const linked = follow || this.#options.has("L") || this.#options.has("H") ? this.#follow(path) : undefined;
      return { name, path, info: linked ?? lstat(this.#io.process, path) };
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      await this.#io.warn(`${path}: ${error.text}`);
      this.#code = 1;
      return undefined;
    }
  }

  async #directory(path: string, titled: boolean): Promise<void> {
    let names: string[];
    try {
      names = readdir(this.#io.process, path);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      await this.#io.warn(`can't open '${path}': ${error.text}`);
      this.#code = 1;
      return;
    }
    if (titled) await this.#io.out(`${this.#printed ? "\n" : ""}${path}:\n`);
    const entries: Entry[] = [];
    for (const name of this.#visible(names)) {
      const entry = await this.#entry(
        name,
        path.endsWith("/") ? path + name : `${path}/${name}`,
        this.#options.has("L"),
      );
      if (entry) entries.push(entry);
    }
    const sorted = this.#sort(entries);
    await this.#print(sorted, true);
    this.#printed = true;
    if (!this.#options.has("R")) return;
    for (const { name, path: child, info } of sorted) {
      if (name !== "." && name !== ".." && (info.mode & S_IFMT) === S_IFDIR) await this.#directory(child, true);
    }
  }

  #visible(names: string[]): string[] {
    if (this.#options.has("a")) return [".", "..", ...names];
    return this.#options.has("A") ? names : names.filter((name) => !name.startsWith("."));
  }

  #sort(entries: Entry[]): Entry[] {
    const time = (info: Stat) =>
      this.#options.has("u") ? info.atimeMs : this.#options.has("c") ? info.ctimeMs : info.mtimeMs;
    const byName = (a: Entry, b: Entry) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
    const sorted = entries.toSorted((a, b) => {
      if (this.#options.has("S")) return b.info.size - a.info.size || byName(a, b);
      if (this.#options.has("t")) return time(b.info) - time(a.info) || byName(a, b);
      return byName(a, b);
    });
    return this.#options.has("r") ? sorted.toReversed() : sorted;
  }

  async #print(entries: Entry[], withTotal: boolean): Promise<void> {
    const isLong = this.#options.has("l") || this.#options.has("n") || this.#options.has("g") || this.#options.has("o");
    if (isLong) {
      const total = entries.reduce((sum, { info }) => sum + blocks(info), 0);
      await this.#io.out(
        `${withTotal ? `total ${total}\n` : ""}${entries.map((entry) => `${this.#long(entry)}\n`).join("")}`,
      );
      return;
    }
    const cells = entries.map((entry) => this.#prefix(entry) + this.#name(entry));
    const columns =
      (this.#options.has("C") || this.#options.has("x") || isTty(this.#io.process, 1)) && !this.#options.has("1");
    await this.#io.out(
      columns
        ? inColumns(cells, this.#io.process.fds.find(1)?.tty?.columns ?? 80)
        : cells.map((cell) => `${cell}\n`).join(""),
    );
  }

  #prefix({ info }: Entry): string {
    return `${this.#options.has("i") ? `${String(info.ino).padStart(7)} ` : ""}${this.#options.has("s") ? `${String(blocks(info)).padStart(6)} ` : ""}`;
  }

  #name({ name, info }: Entry): string {
    const kind = typeOf(info.mode);
    if (kind === "directory" && (this.#options.has("F") || this.#options.has("p"))) return `${name}/`;
    if (!this.#options.has("F")) return name;
    if (kind === "file") return info.mode & 0o111 ? `${name}*` : name;
    const marks: Partial<Record<typeof kind, string>> = { symlink: "@", fifo: "|", socket: "=" };
    return name + (marks[kind] ?? "");
  }

  #long(entry: Entry): string {
    const { info, path } = entry;
    const owner = `${this.#owner(info)} `;
    const isDevice = (info.mode & S_IFMT) === S_IFCHR || (info.mode & S_IFMT) === S_IFBLK;
    const size = isDevice
      ? `${String(info.rdev >> 8).padStart(4)}, ${String(info.rdev & 255).padStart(3)}`
      : (this.#options.has("h") ? humanSize(info.size) : String(info.size)).padStart(9);
    const target = (info.mode & S_IFMT) === S_IFLNK ? ` -> ${readlink(this.#io.process, path)}` : "";
    return `${this.#prefix(entry)}${modeText(info.mode)} ${String(info.nlink).padStart(4)} ${owner}${size} ${this.#date(info)} ${this.#name(entry)}${target}`;
  }

  #owner({ uid, gid }: Stat): string {
    const { process } = this.#io;
    const numeric = this.#options.has("n");
    const user = numeric ? String(uid) : (userName(process, uid) ?? String(uid));
    const group = numeric ? String(gid) : (groupName(process, gid) ?? String(gid));
    return [this.#options.has("g") ? "" : cell(user), this.#options.has("o") ? "" : cell(group)]
      .filter((part) => part !== "")
      .join(" ");
  }

  #date(info: Stat): string {
    if (this.#options.has("E")) return formatDate(info.mtimeMs, "%Y-%m-%d %H:%M:%S %z");
    const age = this.#io.process.machine.now() - info.mtimeMs;
    const recent = age < (365 * 86_400_000) / 2 && age > -15 * 60_000;
    return formatDate(info.mtimeMs, recent ? "%b %e %H:%M" : "%b %e  %Y");
  }
}

function blocks(info: Stat): number {
  return (info.mode & S_IFMT) === S_IFLNK ? 0 : Math.ceil(info.size / 4096) * 4;
}

function inColumns(cells: string[], width: number): string {
  if (cells.length === 0) return "";
  const cellWidth = Math.max(...cells.map((cell) => cell.length)) + 2;
  const perRow = Math.max(1, Math.floor(width / cellWidth));
  const rows = Math.ceil(cells.length / perRow);
  const lines = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: perRow }, (_unused, column) => cells[column * rows + row])
      .filter((cell) => cell !== undefined)
      .map((cell, index, all) => (index === all.length - 1 ? cell : cell.padEnd(cellWidth)))
      .join(""),
  );
  return `${lines.join("\n")}\n`;
}

function cell(text: string): string {
  return text.slice(0, 8).padEnd(8);
}
