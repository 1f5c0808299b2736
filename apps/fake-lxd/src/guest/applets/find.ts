/** find: tests, and the actions -print, -print0, -exec, -delete, -prune, -quit. */
import { Errno } from "../core/errno.ts";
import { lstat, readdir, rmdir, stat, unlink } from "../sys/files.ts";
import { exitCode, spawn, waitForEnd } from "../sys/processes.ts";
import { findProgram } from "../shell/lookup.ts";
import { matches } from "../shell/pattern.ts";
import { type Stat, typeOf } from "../vfs/types.ts";
import { findGid, findUid } from "./lib/accounts.ts";
import { type Applet, type AppletIo, Failure } from "./lib/applet.ts";
import { isDirectory, joinPath, lastName } from "./lib/trees.ts";

interface Visit {
  path: string;
  info: Stat;
  prune: boolean;
}

type Test = (visit: Visit) => boolean | Promise<boolean>;

interface Plan {
  test: Test;
  depthMin: number;
  depthMax: number;
  depthFirst: boolean;
  /** `-exec {} +`: run at the end. */
  finish: (() => Promise<void>)[];
}

class Quit extends Error {}

export const find: Applet = async (io, args) => {
  const split = args.findIndex((arg) => /^[-(!]/.test(arg) && arg !== "-L" && arg !== "-H" && arg !== "-P");
  const head = split < 0 ? args : args.slice(0, split);
  const paths = head.filter((arg) => !/^-[LHP]$/.test(arg));
  const plan = new ExpressionParser(io, split < 0 ? [] : args.slice(split)).plan();
  const follow = head.includes("-L");
  let code = 0;
  try {
    for (const path of paths.length > 0 ? paths : ["."]) if (!(await visit(io, plan, path, 0, follow))) code = 1;
  } catch (error) {
    if (!(error instanceof Quit)) throw error;
  }
  for (const finish of plan.finish) await finish();
  return code;
};

async function visit(io: AppletIo, plan: Plan, path: string, depth: number, follow: boolean): Promise<boolean> {
  let good = true;
  const done = await io.try(path, async () => {
    const info = lookAt(io, path, follow);
    const one: Visit = { path, info, prune: false };
    const test = async () => void (depth >= plan.depthMin && (await plan.test(one)));
    if (!plan.depthFirst) await test();
    if (isDirectory(info) && !one.prune && depth < plan.depthMax) {
      for (const name of readdir(io.process, path))
        if (!(await visit(io, plan, joinPath(path, name), depth + 1, follow))) good = false;
    }
    if (plan.depthFirst) await test();
  });
  return done && good;
}

function lookAt({ process }: AppletIo, path: string, follow: boolean): Stat {
  if (!follow) return lstat(process, path);
  try {
    return stat(process, path);
  } catch (error) {
    if (error instanceof Errno) return lstat(process, path);
    throw error;
  }
}

class ExpressionParser {
  readonly #io: AppletIo;
  readonly #args: string[];
  #at = 0;
  #acts = false;
  readonly #plan: Plan = {
    test: () => true,
    depthMin: 0,
    depthMax: Number.POSITIVE_INFINITY,
    depthFirst: false,
    finish: [],
  };

  constructor(io: AppletIo, args: string[]) {
    this.#io = io;
    this.#args = args;
  }

  plan(): Plan {
    const test: Test = this.#args.length === 0 ? () => true : this.#or();
    if (this.#at < this.#args.length) throw new Failure(`unrecognized: ${this.#args[this.#at]}`);
    this.#plan.test = this.#acts ? test : async (one) => (await test(one)) && this.#print(one, "\n");
    return this.#plan;
  }

  #or(): Test {
    let left = this.#and();
    while (["-o", "-or"].includes(this.#args[this.#at] ?? "")) {
      this.#at++;
      const [a, b] = [left, this.#and()];
      left = async (one) => (await a(one)) || b(one);
    }
    return left;
  }

  #and(): Test {
    let left = this.#not();
    while (this.#at < this.#args.length && !["-o", "-or", ")"].includes(this.#args[this.#at] ?? "")) {
      if (["-a", "-and"].includes(this.#args[this.#at] ?? "")) this.#at++;
      const [a, b] = [left, this.#not()];
      left = async (one) => (await a(one)) && b(one);
    }
    return left;
  }

  #not(): Test {
    const arg = this.#args[this.#at];
    if (arg === "!" || arg === "-not") {
      this.#at++;
      const inner = this.#not();
      return async (one) => !(await inner(one));
    }
    if (arg !== "(") return this.#primary();
    this.#at++;
    const inner = this.#or();
    if (this.#args[this.#at++] !== ")") throw new Failure("missing )");
    return inner;
  }

  #value(): string {
    const value = this.#args[this.#at++];
    if (value === undefined) throw new Failure(`${this.#args.at(-1)}: missing argument`);
    return value;
  }

  #primary(): Test {
    const name = this.#value();
    const { process } = this.#io;
    switch (name) {
      case "-name":
        return this.#named((one) => lastName(one.path));
      case "-iname":
        return this.#named((one) => lastName(one.path).toLowerCase(), true);
      case "-path":
      case "-wholename":
        return this.#named((one) => one.path);
      case "-type":
        return this.#type(this.#value());
      case "-user":
        return this.#id((one) => one.info.uid, findUid(process, this.#value()));
      case "-group":
        return this.#id((one) => one.info.gid, findGid(process, this.#value()));
      case "-size":
        return this.#size(this.#value());
      case "-perm":
        return this.#permissions(this.#value());
      case "-mtime":
        return this.#age(this.#value(), 86_400_000);
      case "-mmin":
        return this.#age(this.#value(), 60_000);
      case "-newer":
        return this.#newer(this.#value());
      case "-links":
        return this.#compare(this.#value(), (one) => one.info.nlink);
      case "-inum":
        return this.#compare(this.#value(), (one) => one.info.ino);
      case "-empty":
        return (one) => (isDirectory(one.info) ? readdir(process, one.path).length === 0 : one.info.size === 0);
      case "-true":
        return () => true;
      case "-false":
        return () => false;
      default:
        return this.#option(name);
    }
  }

  #option(name: string): Test {
    switch (name) {
      case "-maxdepth":
        this.#plan.depthMax = Number(this.#value());
        return () => true;
      case "-mindepth":
        this.#plan.depthMin = Number(this.#value());
        return () => true;
      case "-depth":
        this.#plan.depthFirst = true;
        return () => true;
      case "-xdev":
        return () => true;
      default:
        return this.#action(name);
    }
  }

  #action(name: string): Test {
    if (name === "-prune") {
      return (one) => {
        one.prune = true;
        return true;
      };
    }
    this.#acts = true;
    switch (name) {
      case "-print":
        return (one) => this.#print(one, "\n");
      case "-print0":
        return (one) => this.#print(one, "\0");
      case "-exec":
        return this.#exec();
      case "-delete":
        this.#plan.depthFirst = true;
        return (one) => this.#delete(one);
      case "-quit":
        return () => {
          throw new Quit();
        };
      default:
        throw new Failure(`unrecognized: ${name}`);
    }
  }

  async #print(one: Visit, end: string): Promise<boolean> {
    await this.#io.out(`${one.path}${end}`);
    return true;
  }

  #delete(one: Visit): Promise<boolean> {
    const { process } = this.#io;
    return this.#io.try(one.path, () => (isDirectory(one.info) ? rmdir(process, one.path) : unlink(process, one.path)));
  }

  #exec(): Test {
    const words: string[] = [];
    for (let word = this.#value(); ; word = this.#value()) {
      if (word === ";")
        return async (one) => (await this.#run(words.map((text) => text.replaceAll("{}", one.path)))) === 0;
      if (word === "+" && words.at(-1) === "{}") break;
      words.push(word);
    }
    const found: string[] = [];
    this.#plan.finish.push(async () => void (found.length > 0 && (await this.#run([...words.slice(0, -1), ...found]))));
    return (one) => found.push(one.path) > 0;
  }

  async #run(argv: string[]): Promise<number> {
    const { process } = this.#io;
    try {
      const file = findProgram(process, argv[0] ?? "", process.env.get("PATH") ?? "");
      return exitCode(await waitForEnd(process, spawn(process, file, argv)));
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      await this.#io.warn(`${argv[0]}: ${error.text}`);
      return 127;
    }
  }

  #named(text: (one: Visit) => string, ignoreCase = false): Test {
    const pattern = this.#value();
    return (one) => matches(ignoreCase ? pattern.toLowerCase() : pattern, text(one));
  }

  #type(letter: string): Test {
    const kinds: Record<string, string> = {
      f: "file",
      d: "directory",
      l: "symlink",
      p: "fifo",
      s: "socket",
      c: "character-device",
      b: "block-device",
    };
    const kind = kinds[letter];
    if (kind === undefined) throw new Failure(`invalid argument '${letter}' to '-type'`);
    return (one) => typeOf(one.info.mode) === kind;
  }

  #id(read: (one: Visit) => number, id: number | undefined): Test {
    if (id === undefined) throw new Failure(`unknown user ${this.#args[this.#at - 1]}`);
    return (one) => read(one) === id;
  }

  #compare(text: string, read: (one: Visit) => number): Test {
    const wanted = Number(text.replace(/^[+-]/, ""));
    if (Number.isNaN(wanted)) throw new Failure(`invalid number '${text}'`);
    if (text.startsWith("+")) return (one) => read(one) > wanted;
    if (text.startsWith("-")) return (one) => read(one) < wanted;
    return (one) => read(one) === wanted;
  }

  #size(text: string): Test {
    const units: Record<string, number> = { c: 1, w: 2, b: 512, k: 1024, M: 2 ** 20, G: 2 ** 30 };
    const unit = units[text.at(-1) ?? ""];
    return this.#compare(unit === undefined ? text : text.slice(0, -1), (one) =>
      Math.ceil(one.info.size / (unit ?? 512)),
    );
  }

  #permissions(text: string): Test {
    const wanted = Number.parseInt(text.replace(/^[-/+]/, ""), 8);
    if (Number.isNaN(wanted)) throw new Failure(`invalid mode '${text}'`);
    if (text.startsWith("-")) return (one) => (one.info.mode & wanted) === wanted;
    if (/^[/+]/.test(text)) return (one) => (one.info.mode & wanted) !== 0;
    return (one) => (one.info.mode & 0o7777) === wanted;
  }

  #age(text: string, unitMs: number): Test {
    const now = this.#io.process.machine.now();
    return this.#compare(text, (one) => Math.floor((now - one.info.mtimeMs) / unitMs));
  }

  #newer(path: string): Test {
    const than = stat(this.#io.process, path).mtimeMs;
    return (one) => one.info.mtimeMs > than;
  }
}
