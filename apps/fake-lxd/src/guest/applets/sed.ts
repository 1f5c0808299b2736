/** sed: addresses, s d p q a i c n N g G h H x D P y = r w b t : { } */
import { O_CREAT, O_TRUNC, O_WRONLY } from "../core/open-file.ts";
import { readFile, writeFile } from "../sys/io.ts";
import { type Applet, type AppletIo, Failure, UsageError } from "./lib/applet.ts";
import { parseOptions } from "./lib/options.ts";
import { parseSed, type Address, type SedCommand } from "./lib/sed-parser.ts";

export const sed: Applet = async (io, args) => {
  const options = parseOptions(
    args.map((arg) => (/^-i.+/.test(arg) && !/^-i[nEr]+$/.test(arg) ? "-i" : arg)),
    "nrEsie:f:z",
    { quiet: "n", silent: "n", expression: "e", file: "f", "regexp-extended": "E", "in-place": "i" },
  );
  const operands = [...options.operands];
  const texts = [...options.values("e")];
  for (const file of options.values("f")) texts.push((await readFile(io.process, file)).replace(/\n$/, ""));
  if (texts.length === 0) {
    const first = operands.shift();
    if (first === undefined) throw new UsageError("usage: sed [-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...");
    texts.push(first);
  }
  const commands = parseSed(texts.join("\n"), options.has("r") || options.has("E"));
  if (options.has("i")) return inPlace(io, commands, operands, options.has("n"));
  const machine = new Machine(io, commands, options.has("n"), (text) => io.out(text));
  const { good, lines } = await readLines(io, operands);
  const code = await machine.run(lines);
  return code || (good ? 0 : 1);
};

interface Line {
  text: string;
  /** The input ended without a newline. */
  open: boolean;
}

/** Reads ahead as little as an interactive stream needs: one line. */
async function readLines(io: AppletIo, files: string[]): Promise<{ good: boolean; lines: AsyncIterator<Line> }> {
  const state = { good: true };
  async function* all(): AsyncGenerator<Line> {
    for (const file of files.length > 0 ? files : ["-"]) {
      const queue: Line[][] = [];
      state.good =
        (await io.eachInput([file], async (fd) => {
          for await (const batch of io.lines(fd))
            queue.push(batch.map((raw) => ({ text: raw.replace(/\n$/, ""), open: !raw.endsWith("\n") })));
        })) && state.good;
      for (const batch of queue) yield* batch;
    }
  }
  async function* stdin(): AsyncGenerator<Line> {
    for await (const batch of io.lines(0))
      for (const raw of batch) yield { text: raw.replace(/\n$/, ""), open: !raw.endsWith("\n") };
  }
  const lines = files.length === 0 ? stdin() : all();
  return {
    get good() {
      return state.good;
    },
    lines,
  };
}

async function inPlace(io: AppletIo, commands: SedCommand[], files: string[], quiet: boolean): Promise<number> {
  let code = 0;
  for (const file of files) {
    const { good, lines } = await readLines(io, [file]);
    let text = "";
    const machine = new Machine(io, commands, quiet, async (part) => {
      text += part;
    });
    code = (await machine.run(lines)) || code;
    if (good) await writeFile(io.process, file, O_WRONLY | O_CREAT | O_TRUNC, text);
    else code = 1;
  }
  return code;
}

class Machine {
  readonly #io: AppletIo;
  readonly #commands: SedCommand[];
  readonly #quiet: boolean;
  readonly #write: (text: string) => Promise<void>;
  #pattern = "";
  #hold = "";
  #number = 0;
  #next: Line | undefined;
  #lines: AsyncIterator<Line> | undefined;
  #appended: string[] = [];
  #substituted = false;
  #missingNewline = false;
  readonly #active = new Set<SedCommand>();
  readonly #rangeEnds = new Map<SedCommand, number>();

  constructor(io: AppletIo, commands: SedCommand[], quiet: boolean, write: (text: string) => Promise<void>) {
    this.#io = io;
    this.#commands = commands;
    this.#quiet = quiet;
    this.#write = write;
  }

  async run(lines: AsyncIterator<Line>): Promise<number> {
    this.#lines = lines;
    await this.#advance();
    while (this.#next) {
      const line = this.#next;
      await this.#advance();
      this.#take(line);
      for (let again = true; again; ) {
        const outcome = await this.#cycle();
        again = outcome === "restart";
        if (typeof outcome === "number") return outcome;
      }
    }
    return 0;
  }

  async #advance(): Promise<void> {
    const result = await this.#lines?.next();
    this.#next = result && !result.done ? result.value : undefined;
  }

  #take(line: Line): void {
    this.#pattern = line.text;
    this.#missingNewline = line.open && !this.#next;
    this.#number++;
  }

  async #print(text: string): Promise<void> {
    await this.#write(this.#missingNewline && text === this.#pattern && !this.#next ? text : `${text}\n`);
  }

  /** One pass over the script. A number is sed's end. */
  async #cycle(): Promise<"next" | "restart" | number> {
    this.#substituted = false;
    for (let at = 0; at < this.#commands.length; at++) {
      const command = this.#commands[at];
      if (!command) break;
      if (!this.#selected(command)) {
        if (command.name === "{") at = command.end ?? at;
        continue;
      }
      const outcome = await this.#perform(command);
      if (typeof outcome === "number") {
        if (!this.#quiet && command.name === "q") await this.#print(this.#pattern);
        await this.#flushAppended();
        return outcome;
      }
      if (outcome === "delete") {
        await this.#flushAppended();
        return "next";
      }
      if (outcome === "restart") return "restart";
      if (outcome === "jump") at = this.#label(command);
      if (outcome === "end") break;
    }
    if (!this.#quiet) await this.#print(this.#pattern);
    await this.#flushAppended();
    return "next";
  }

  #label({ text }: SedCommand): number {
    if (text === "") return this.#commands.length;
    const at = this.#commands.findIndex((one) => one.name === ":" && one.text === text);
    if (at < 0) throw new Failure(`can't find label for jump to '${text}'`);
    return at;
  }

  async #flushAppended(): Promise<void> {
    for (const text of this.#appended.splice(0)) await this.#write(text);
  }

  #selected(command: SedCommand): boolean {
    const { first, second } = command;
    const hit = !first || (second ? this.#inRange(command, first, second) : this.#matches(first));
    return hit !== command.negated;
  }

  #matches(address: Address): boolean {
    switch (address.kind) {
      case "line":
        return this.#number === address.number;
      case "last":
        return !this.#next;
      case "step":
        return address.step > 0
          ? this.#number >= address.first && (this.#number - address.first) % address.step === 0
          : this.#number === address.first;
      case "regex":
        return address.expression.test(this.#pattern);
      default:
        return false;
    }
  }

  #inRange(command: SedCommand, first: Address, second: Address): boolean {
    if (this.#active.has(command)) {
      const end = this.#rangeEnds.get(command);
      const ended = end === undefined ? this.#matches(second) : this.#number >= end;
      if (ended) this.#active.delete(command);
      return end === undefined || this.#number <= end;
    }
    const starts = first.kind === "line" && first.number === 0 ? this.#number === 1 : this.#matches(first);
    if (!starts) return false;
    const end =
      second.kind === "line" ? second.number : second.kind === "plus" ? this.#number + second.count : undefined;
    if (end !== undefined) this.#rangeEnds.set(command, end);
    const over =
      end !== undefined
        ? end <= this.#number
        : second.kind === "last"
          ? !this.#next
          : first.kind === "line" && first.number === 0 && this.#matches(second);
    if (!over) this.#active.add(command);
    return true;
  }

  async #perform(command: SedCommand): Promise<"delete" | "restart" | "jump" | "end" | number | undefined> {
    switch (command.name) {
      case "{":
      case "}":
      case ":":
      case "#":
        return undefined;
      case "s":
        return this.#substitute(command);
      case "y":
        this.#pattern = this.#pattern
          .split("")
          .map((char) => command.map?.get(char) ?? char)
          .join("");
        return undefined;
      case "p":
        await this.#print(this.#pattern);
        return undefined;
      case "P":
        await this.#write(`${this.#pattern.split("\n", 1)[0] ?? ""}\n`);
        return undefined;
      case "d":
        return "delete";
      case "D":
        return this.#deleteFirst();
      case "=":
        await this.#write(`${this.#number}\n`);
        return undefined;
      case "a":
        this.#appended.push(`${command.text}\n`);
        return undefined;
      case "i":
        await this.#write(`${command.text}\n`);
        return undefined;
      case "c":
        if (!command.second || !this.#active.has(command)) await this.#write(`${command.text}\n`);
        return "delete";
      case "r":
        this.#appended.push(await readFile(this.#io.process, command.text).catch(() => ""));
        return undefined;
      case "w":
        await writeFile(this.#io.process, command.text, O_WRONLY | O_CREAT | 0o2000, `${this.#pattern}\n`);
        return undefined;
      case "h":
        this.#hold = this.#pattern;
        return undefined;
      case "H":
        this.#hold += `\n${this.#pattern}`;
        return undefined;
      case "g":
        this.#pattern = this.#hold;
        return undefined;
      case "G":
        this.#pattern += `\n${this.#hold}`;
        return undefined;
      case "x":
        [this.#pattern, this.#hold] = [this.#hold, this.#pattern];
        return undefined;
      case "b":
        return "jump";
      case "t":
        if (!this.#substituted) return undefined;
        this.#substituted = false;
        return "jump";
      case "n":
        return this.#nextLine(false);
      case "N":
        return this.#nextLine(true);
      case "q":
      case "Q":
        return Number(command.text || 0);
      default:
        throw new Failure(`unsupported command ${command.name}`);
    }
  }

  #deleteFirst(): "delete" | "restart" {
    const at = this.#pattern.indexOf("\n");
    if (at < 0) return "delete";
    this.#pattern = this.#pattern.slice(at + 1);
    return "restart";
  }

  async #nextLine(join: boolean): Promise<"delete" | "end" | undefined> {
    if (!this.#next) return "end";
    if (!join && !this.#quiet) await this.#print(this.#pattern);
    await this.#flushAppended();
    const line = this.#next;
    await this.#advance();
    const before = this.#pattern;
    this.#take(line);
    if (join) this.#pattern = `${before}\n${line.text}`;
    return undefined;
  }

  async #substitute({ expression, replacement, occurrence = 1, global, print, text }: SedCommand): Promise<undefined> {
    if (!expression || !replacement) return undefined;
    let count = 0;
    let changed = false;
    this.#pattern = this.#pattern.replaceAll(expression, (...found: unknown[]) => {
      const groups = found.slice(
        0,
        found.findIndex((one) => typeof one === "number"),
      ) as (string | undefined)[];
      count++;
      if (count < occurrence || (count > occurrence && !global)) return groups[0] ?? "";
      changed = true;
      return replacement(groups);
    });
    if (!changed) return undefined;
    this.#substituted = true;
    if (print) await this.#print(this.#pattern);
    if (text !== "") await writeFile(this.#io.process, text, O_WRONLY | O_CREAT | 0o2000, `${this.#pattern}\n`);
    return undefined;
  }
}
