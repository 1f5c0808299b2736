import { readdir, stat } from "../sys/files.ts";
import { readFile } from "../sys/io.ts";
import { isErrno } from "../core/errno.ts";
import { type Applet, type AppletIo, UsageError } from "./lib/applet.ts";
import { type Options, parseOptions } from "./lib/options.ts";
import { compileRegex } from "./lib/regex.ts";
import { isDirectory, joinPath } from "./lib/trees.ts";

const long = {
  "extended-regexp": "E",
  "fixed-strings": "F",
  "ignore-case": "i",
  "invert-match": "v",
  count: "c",
  quiet: "q",
  silent: "q",
  recursive: "r",
  "line-number": "n",
  "files-with-matches": "l",
  "only-matching": "o",
  "word-regexp": "w",
  "line-regexp": "x",
  "no-messages": "s",
};

export const grep: Applet = async (io, args) => {
  const options = parseOptions(args, "HhnlLoqvsriREFcwxam:A:B:C:e:f:z", long);
  const operands = [...options.operands];
  const patterns = await readPatterns(io, options, operands);
  const search = new Search(io, options, patterns);
  const recursive = options.has("r") || options.has("R");
  const files = operands.length > 0 ? operands : recursive ? ["."] : ["-"];
  const named = !options.has("h") && (options.has("H") || files.length > 1 || recursive);
  for (const file of files) await search.file(file, named, recursive);
  return search.code();
};

async function readPatterns(io: AppletIo, options: Options, operands: string[]): Promise<string[]> {
  const patterns = [...options.values("e")];
  for (const file of options.values("f"))
    patterns.push(...(await readFile(io.process, file)).replace(/\n$/, "").split("\n"));
  if (patterns.length > 0 || options.has("f")) return patterns.flatMap((one) => one.split("\n"));
  const first = operands.shift();
  if (first === undefined)
    throw new UsageError("usage: grep [-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... } [FILE]...", 2);
  return first.split("\n");
}

class Search {
  readonly #io: AppletIo;
  readonly #options: Options;
  readonly #expressions: RegExp[];
  readonly #before: number;
  readonly #after: number;
  readonly #max: number;
  #found = false;
  #failed = false;
  #separated = false;

  constructor(io: AppletIo, options: Options, patterns: string[]) {
    this.#io = io;
    this.#options = options;
    const extended = options.has("E") || io.name === "egrep";
    const fixed = options.has("F") || io.name === "fgrep";
    const whole = options.has("x") ? ("line" as const) : options.has("w") ? ("word" as const) : undefined;
    const flags = `g${options.has("i") ? "i" : ""}`;
    this.#expressions = patterns.map((pattern) =>
      compileRegex(pattern, { extended, fixed, flags, ...(whole ? { whole } : {}) }),
    );
    this.#before = Number(options.value("B") ?? options.value("C") ?? 0);
    this.#after = Number(options.value("A") ?? options.value("C") ?? 0);
    this.#max = Number(options.value("m") ?? Number.POSITIVE_INFINITY);
  }

  code(): number {
    if (this.#found && this.#options.has("q")) return 0;
    if (this.#failed) return 2;
    return this.#found ? 0 : 1;
  }

  async file(path: string, named: boolean, recursive: boolean): Promise<void> {
    if (recursive && path !== "-" && this.#isDirectory(path)) {
      for (const name of readdir(this.#io.process, path)) await this.file(joinPath(path, name), named, true);
      return;
    }
    if (this.#options.has("s")) {
      if (path !== "-" && !this.#readable(path)) {
        this.#failed = true;
        return;
      }
    }
    const shown = path === "-" ? "(standard input)" : path;
    const opened = await this.#open(path, (fd) => this.#search(fd, shown, named));
    if (!opened) this.#failed = true;
  }

  async #open(path: string, work: (fd: number) => Promise<void>): Promise<boolean> {
    // grep's message about a missing file is plain.
    if (path !== "-" && !this.#readable(path)) {
      try {
        stat(this.#io.process, path);
      } catch (error) {
        if (!isErrno(error)) throw error;
        await this.#io.warn(`${path}: ${error.text}`);
        return false;
      }
    }
    return this.#io.eachInput([path], work);
  }

  #readable(path: string): boolean {
    try {
      stat(this.#io.process, path);
      return true;
    } catch (error) {
      if (isErrno(error)) return false;
      throw error;
    }
  }

  #isDirectory(path: string): boolean {
    return this.#readable(path) && isDirectory(stat(this.#io.process, path));
  }

  async #search(fd: number, name: string, named: boolean): Promise<void> {
    const has = (letter: string) => this.#options.has(letter);
    let count = 0;
    let number = 0;
    let afterLeft = 0;
    let lastPrinted = 0;
    const held: { line: string; number: number }[] = [];
    const prefix = (at: number, mark: string) => `${named ? `${name}${mark}` : ""}${has("n") ? `${at}${mark}` : ""}`;
    outer: for await (const batch of this.#io.lines(fd)) {
      let out = "";
      for (const raw of batch) {
        const line = raw.endsWith("\n") ? raw.slice(0, -1) : raw;
        number++;
        const hit = this.#matches(line) !== has("v");
        if (hit) {
          count++;
          this.#found = true;
          if (has("q") || has("l") || has("L")) break outer;
          if (!has("c")) {
            if (this.#separated && (this.#before > 0 || this.#after > 0) && number - held.length > lastPrinted + 1)
              out += "--\n";
            for (const one of held.splice(0)) out += `${prefix(one.number, "-")}${one.line}\n`;
            out += has("o") ? this.#parts(line, prefix(number, ":")) : `${prefix(number, ":")}${line}\n`;
            this.#separated = true;
            lastPrinted = number;
            afterLeft = this.#after;
          }
          if (count >= this.#max) {
            await this.#io.out(out);
            out = "";
            break outer;
          }
        } else if (afterLeft > 0 && !has("c")) {
          out += `${prefix(number, "-")}${line}\n`;
          lastPrinted = number;
          afterLeft--;
        } else if (this.#before > 0) {
          held.push({ line, number });
          if (held.length > this.#before) held.shift();
        }
      }
      await this.#io.out(out);
    }
    await this.#summary(name, named, count);
  }

  async #summary(name: string, named: boolean, count: number): Promise<void> {
    const has = (letter: string) => this.#options.has(letter);
    if (has("q")) return;
    if (has("l") || has("L")) {
      if (count > 0 === has("l")) await this.#io.out(`${name}\n`);
    } else if (has("c")) await this.#io.out(`${named ? `${name}:` : ""}${count}\n`);
  }

  #matches(line: string): boolean {
    return this.#expressions.some((expression) => {
      expression.lastIndex = 0;
      return expression.test(line);
    });
  }

  #parts(line: string, prefix: string): string {
    if (this.#options.has("v")) return "";
    return this.#expressions
      .flatMap((expression) => {
        expression.lastIndex = 0;
        return [...line.matchAll(expression)];
      })
      .filter(([text]) => text !== "")
      .toSorted((a, b) => a.index - b.index)
      .map(([text]) => `${prefix}${text}\n`)
      .join("");
  }
}
