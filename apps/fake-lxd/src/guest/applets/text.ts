/** Line filters: head wc tr sort uniq cut tee tac rev nl paste fold expand. */
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from "../core/open-file.ts";
import { characterClass } from "../shell/pattern.ts";
import { openFd, readAll, writeFd, writeFile } from "../sys/io.ts";
import { type Applet, type AppletIo, Failure, UsageError } from "./lib/applet.ts";
import { oneEscape } from "./lib/escapes.ts";
import { parseOptions, parseSize } from "./lib/options.ts";

/** `-5` as `-n 5`. */
export function dashNumber(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => (index === 0 && /^-\d+$/.test(arg) ? ["-n", arg.slice(1)] : [arg]));
}

export const head: Applet = async (io, args) => {
  const options = parseOptions(dashNumber(args), "n:c:qv", { lines: "n", bytes: "c" });
  const bytes = options.value("c");
  const text = bytes ?? options.value("n") ?? "10";
  const fromEnd = text.startsWith("-");
  const limit = parseSize(text.replace(/^[-+]/, ""));
  const titled = (options.operands.length > 1 || options.has("v")) && !options.has("q");
  let first = true;
  const good = await io.eachInput(options.operands, async (fd, name) => {
    if (titled) await io.out(`${first ? "" : "\n"}==> ${name === "-" ? "standard input" : name} <==\n`);
    first = false;
    if (fromEnd) return allButLast(io, fd, limit, bytes !== undefined);
    await (bytes === undefined ? firstLines(io, fd, limit) : firstBytes(io, fd, limit));
  });
  return good ? 0 : 1;
};

async function firstLines(io: AppletIo, fd: number, limit: number): Promise<void> {
  let left = limit;
  if (left === 0) return;
  for await (const batch of io.lines(fd)) {
    await io.out(batch.slice(0, left).join(""));
    left -= batch.length;
    if (left <= 0) return;
  }
}

async function firstBytes(io: AppletIo, fd: number, limit: number): Promise<void> {
  let left = limit;
  if (left === 0) return;
  for await (const chunk of io.chunks(fd)) {
    await io.out(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) return;
  }
}

async function allButLast(io: AppletIo, fd: number, count: number, bytes: boolean): Promise<void> {
  const text = await readAll(io.process, fd);
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  await io.out(
    bytes
      ? text.slice(0, Math.max(0, text.length - count))
      : lines.slice(0, Math.max(0, lines.length - count)).join(""),
  );
}

export const wc: Applet = async (io, args) => {
  const options = parseOptions(args, "lwcmL", { lines: "l", words: "w", bytes: "c", chars: "m" });
  const letters = ["l", "w", "m", "c", "L"].filter((letter) => options.has(letter));
  const wanted = letters.length > 0 ? letters : ["l", "w", "c"];
  const totals: Record<string, number> = {};
  const padded = wanted.length > 1 || options.operands.length > 1;
  const row = (counts: Record<string, number>, name: string) => {
    const cells = wanted.map((letter) => String(counts[letter] ?? 0).padStart(padded ? 9 : 0));
    return `${cells.join(" ")}${name === "-" && options.operands.length === 0 ? "" : ` ${name}`}\n`;
  };
  const good = await io.eachInput(options.operands, async (fd, name) => {
    const counts = await countInput(io, fd);
    for (const [letter, count] of Object.entries(counts))
      totals[letter] = letter === "L" ? Math.max(totals[letter] ?? 0, count) : (totals[letter] ?? 0) + count;
    await io.out(row(counts, name));
  });
  if (options.operands.length > 1) await io.out(row(totals, "total"));
  return good ? 0 : 1;
};

async function countInput(io: AppletIo, fd: number): Promise<Record<string, number>> {
  const counts = { l: 0, w: 0, c: 0, m: 0, L: 0 };
  let inWord = false;
  let width = 0;
  for await (const chunk of io.chunks(fd)) {
    counts.c += chunk.length;
    for (const byte of chunk) {
      if ((byte & 0xc0) !== 0x80) counts.m++;
      const blank = byte === 32 || (byte >= 9 && byte <= 13);
      if (!blank && !inWord) counts.w++;
      inWord = !blank;
      width = byte === 10 ? 0 : width + 1;
      counts.L = Math.max(counts.L, width);
      if (byte === 10) counts.l++;
    }
  }
  return counts;
}

export const tr: Applet = async (io, args) => {
  const options = parseOptions(args, "+cCdst");
  const [first, second] = options.operands;
  if (first === undefined) throw new UsageError("usage: tr [-cds] STRING1 [STRING2]");
  const deletes = options.has("d");
  const complement = options.has("c") || options.has("C");
  const from = complementOf(trSet(first), complement);
  const to = second === undefined ? [] : trSet(second);
  if (!deletes && second === undefined && !options.has("s")) throw new UsageError("missing operand");
  const map = new Map<number, number>();
  if (!deletes && to.length > 0)
    for (const [index, byte] of from.entries()) map.set(byte, to[Math.min(index, to.length - 1)] ?? byte);
  const deleted = new Set(deletes ? from : []);
  const squeezed = new Set(options.has("s") ? (to.length > 0 ? to : from) : []);
  let last = -1;
  for await (const chunk of io.chunks(0)) {
    const out: number[] = [];
    for (const byte of chunk) {
      if (deleted.has(byte)) continue;
      const mapped = map.get(byte) ?? byte;
      if (mapped === last && squeezed.has(mapped)) continue;
      last = mapped;
      out.push(mapped);
    }
    await io.out(Buffer.from(out));
  }
  return 0;
};

function complementOf(set: number[], complement: boolean): number[] {
  if (!complement) return set;
  const members = new Set(set);
  return Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !members.has(byte));
}

function trSet(text: string): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; ) {
    const named = /^\[:([a-z]+):\]/.exec(text.slice(at));
    if (named) {
      const expression = new RegExp(`[${characterClass(named[1] ?? "") ?? ""}]`);
      for (let byte = 0; byte < 256; byte++) if (expression.test(String.fromCharCode(byte))) bytes.push(byte);
      at += named[0].length;
      continue;
    }
    const [start, next] = trChar(text, at);
    if (text[next] === "-" && next + 1 < text.length) {
      const [end, after] = trChar(text, next + 1);
      if (end < start) throw new Failure("range endpoints are in reverse order");
      for (let byte = start; byte <= end; byte++) bytes.push(byte);
      at = after;
    } else {
      bytes.push(start);
      at = next;
    }
  }
  return bytes;
}

function trChar(text: string, at: number): [byte: number, next: number] {
  if (text[at] !== "\\" || at + 1 >= text.length) return [text.charCodeAt(at), at + 1];
  const { char, length } = oneEscape(text.slice(at, at + 5), false);
  return [char.length === 1 ? char.charCodeAt(0) : char.charCodeAt(1), at + length];
}

export const uniq: Applet = async (io, args) => {
  const options = parseOptions(args, "cduiw:f:s:");
  const fields = Number(options.value("f") ?? 0);
  const key = (line: string) => {
    const rest = fields > 0 ? line.replace(new RegExp(`^(?:\\s*\\S+){0,${fields}}`), "") : line;
    const part = rest.slice(Number(options.value("s") ?? 0));
    const cut = options.value("w") === undefined ? part : part.slice(0, Number(options.value("w")));
    return options.has("i") ? cut.toLowerCase() : cut;
  };
  let current: { line: string; count: number } | undefined;
  const flush = async () => {
    if (!current || (options.has("d") && current.count < 2) || (options.has("u") && current.count > 1)) return;
    await io.out(`${options.has("c") ? `${String(current.count).padStart(7)} ` : ""}${current.line}\n`);
  };
  const good = await io.eachInput(options.operands.slice(0, 1), async (fd) => {
    for await (const batch of io.lines(fd)) {
      for (const raw of batch) {
        const line = raw.replace(/\n$/, "");
        if (current && key(current.line) === key(line)) current.count++;
        else {
          await flush();
          current = { line, count: 1 };
        }
      }
    }
  });
  await flush();
  return good ? 0 : 1;
};

export const cut: Applet = async (io, args) => {
  const options = parseOptions(args, "b:c:f:d:sn", { fields: "f", delimiter: "d", characters: "c", bytes: "b" });
  const list = options.value("f") ?? options.value("c") ?? options.value("b");
  if (list === undefined) throw new UsageError("expected a list of bytes, characters, or fields");
  const ranges = list.split(",").map(range);
  const wanted = (index: number) => ranges.some(([from, to]) => index >= from && index <= to);
  const delimiter = options.value("d") ?? "\t";
  const one = (line: string): string | undefined => {
    if (!options.has("f"))
      return line
        .split("")
        .filter((_, index) => wanted(index + 1))
        .join("");
    if (!line.includes(delimiter)) return options.has("s") ? undefined : line;
    return line
      .split(delimiter)
      .filter((_, index) => wanted(index + 1))
      .join(delimiter);
  };
  return mapLines(io, options.operands, one);
};

function range(text: string): [from: number, to: number] {
  const match = /^(\d*)(-?)(\d*)$/.exec(text);
  if (!match || text === "" || text === "-") throw new Failure(`invalid range '${text}'`);
  const from = match[1] === "" ? 1 : Number(match[1]);
  const to = match[2] === "" ? from : match[3] === "" ? Number.POSITIVE_INFINITY : Number(match[3]);
  return [from, to];
}

/** Lines through a function; undefined drops one. */
async function mapLines(
  io: AppletIo,
  files: readonly string[],
  map: (line: string, index: number) => string | undefined,
): Promise<number> {
  let index = 0;
  const good = await io.eachInput(files, async (fd) => {
    for await (const batch of io.lines(fd)) {
      const lines = batch.map((raw) => map(raw.replace(/\n$/, ""), index++)).filter((line) => line !== undefined);
      await io.out(lines.map((line) => `${line}\n`).join(""));
    }
  });
  return good ? 0 : 1;
}

export const tee: Applet = async (io, args) => {
  const options = parseOptions(args, "ai");
  const targets = [1];
  for (const file of options.operands) {
    const flags = O_WRONLY | O_CREAT | (options.has("a") ? O_APPEND : O_TRUNC);
    await io.try(file, async () => void targets.push(await openFd(io.process, file, flags)));
  }
  for await (const chunk of io.chunks(0)) for (const fd of targets) await writeFd(io.process, fd, chunk);
  return targets.length === options.operands.length + 1 ? 0 : 1;
};

export const tac: Applet = async (io, args) => {
  const good = await io.eachInput(args, async (fd) => {
    const lines = (await readAll(io.process, fd)).match(/[^\n]*\n|[^\n]+$/g) ?? [];
    await io.out(lines.toReversed().join(""));
  });
  return good ? 0 : 1;
};

export const rev: Applet = (io, args) => mapLines(io, args, (line) => line.split("").toReversed().join(""));

export const nl: Applet = async (io, args) => {
  const options = parseOptions(args, "b:w:s:");
  const all = options.value("b") === "a";
  const width = Number(options.value("w") ?? 6);
  let number = 1;
  return mapLines(io, options.operands, (line) => {
    if (line === "" && !all) return `${" ".repeat(width)} `;
    return `${String(number++).padStart(width)}${options.value("s") ?? "\t"}${line}`;
  });
};

export const paste: Applet = async (io, args) => {
  const options = parseOptions(args, "sd:");
  const delimiter = options.value("d") ?? "\t";
  const columns: string[][] = [];
  const good = await io.eachInput(options.operands, async (fd) => {
    const text = await readAll(io.process, fd);
    columns.push(text === "" ? [] : text.replace(/\n$/, "").split("\n"));
  });
  if (options.has("s")) await io.out(columns.map((lines) => `${lines.join(delimiter)}\n`).join(""));
  else {
    const rows = Math.max(0, ...columns.map(({ length }) => length));
    await io.out(
      Array.from({ length: rows }, (_, row) => `${columns.map((lines) => lines[row] ?? "").join(delimiter)}\n`).join(
        "",
      ),
    );
  }
  return good ? 0 : 1;
};

export const fold: Applet = async (io, args) => {
  const options = parseOptions(args, "bsw:");
  const width = Number(options.value("w") ?? 80);
  return mapLines(io, options.operands, (line) => line.match(new RegExp(`[^]{1,${width}}`, "g"))?.join("\n") ?? "");
};

interface SortKey {
  from: number;
  to: number;
  flags: string;
}

export const sort: Applet = async (io, args) => {
  const options = parseOptions(args, "nrugMchbfdVszo:k:t:T:S:", { reverse: "r", unique: "u", "numeric-sort": "n" });
  const lines: string[] = [];
  const good = await io.eachInput(options.operands, async (fd) => {
    for await (const batch of io.lines(fd)) lines.push(...batch.map((line) => line.replace(/\n$/, "")));
  });
  if (!good) return 1;
  const globalFlags = "nrfhbdVg"
    .split("")
    .filter((letter) => options.has(letter))
    .join("");
  const keys = options.values("k").map(sortKey);
  const compare = comparer(
    keys.length > 0 ? keys : [{ from: 0, to: Number.POSITIVE_INFINITY, flags: "" }],
    globalFlags,
    options.value("t"),
  );
  const stable = options.has("s") || options.has("u");
  const order = (a: string, b: string) => compare(a, b) || (stable ? 0 : byBytes(a, b) * (options.has("r") ? -1 : 1));
  if (options.has("c")) return checkSorted(io, lines, order);
  const sorted = lines.toSorted(order);
  const kept = options.has("u")
    ? sorted.filter((line, index) => index === 0 || compare(sorted[index - 1] ?? "", line) !== 0)
    : sorted;
  const text = kept.map((line) => `${line}\n`).join("");
  const output = options.value("o");
  if (output === undefined) await io.out(text);
  else await writeFile(io.process, output, O_WRONLY | O_CREAT | O_TRUNC, text);
  return 0;
};

async function checkSorted(io: AppletIo, lines: string[], order: (a: string, b: string) => number): Promise<number> {
  const wrong = lines.findIndex((line, index) => index > 0 && order(lines[index - 1] ?? "", line) > 0);
  if (wrong < 0) return 0;
  await io.warn(`-:${wrong + 1}: disorder: ${lines[wrong] ?? ""}`);
  return 1;
}

function sortKey(text: string): SortKey {
  const match = /^(\d+)(?:\.\d+)?([a-zA-Z]*)(?:,(\d+)(?:\.\d+)?([a-zA-Z]*))?$/.exec(text);
  if (!match || match[1] === "0") throw new Failure(`bad field specification '${text}'`);
  return {
    from: Number(match[1]) - 1,
    to: match[3] === undefined ? Number.POSITIVE_INFINITY : Number(match[3]),
    flags: `${match[2] ?? ""}${match[4] ?? ""}`,
  };
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparer(
  keys: SortKey[],
  globalFlags: string,
  separator: string | undefined,
): (a: string, b: string) => number {
  const field = (line: string, { from, to }: SortKey) => {
    if (from === 0 && to === Number.POSITIVE_INFINITY) return line;
    const parts = separator === undefined ? (line.match(/\s*\S+/g) ?? []) : line.split(separator);
    return parts.slice(from, to).join(separator ?? "");
  };
  return (a, b) => {
    for (const key of keys) {
      const flags = key.flags === "" ? globalFlags : key.flags;
      const result = compareFields(field(a, key), field(b, key), flags);
      if (result !== 0) return flags.includes("r") ? -result : result;
    }
    return 0;
  };
}

function compareFields(a: string, b: string, flags: string): number {
  if (flags.includes("n") || flags.includes("g")) return leading(a) - leading(b);
  if (flags.includes("h")) return humanValue(a) - humanValue(b);
  if (flags.includes("V")) return a.localeCompare(b, "en", { numeric: true });
  const clean = (text: string) => {
    const trimmed = flags.includes("b") ? text.trimStart() : text;
    const kept = flags.includes("d") ? trimmed.replaceAll(/[^A-Za-z0-9 \t]/g, "") : trimmed;
    return flags.includes("f") ? kept.toUpperCase() : kept;
  };
  return byBytes(clean(a), clean(b));
}

function leading(text: string): number {
  return Number(/^\s*(-?\d*\.?\d+)/.exec(text)?.[1] ?? 0);
}

function humanValue(text: string): number {
  const match = /^\s*(-?\d*\.?\d+)([KMGTP]?)/i.exec(text);
  return Number(match?.[1] ?? 0) * 1024 ** (" KMGTP".indexOf((match?.[2] ?? "").toUpperCase() || " ") || 0);
}

export const strings: Applet = async (io, args) => {
  const options = parseOptions(args, "afon:t:");
  const least = Number(options.value("n") ?? 4);
  const good = await io.eachInput(options.operands, async (fd) => {
    const text = await readAll(io.process, fd);
    for (const [found] of text.matchAll(new RegExp(`[\\x20-\\x7e\\t]{${least},}`, "g"))) await io.out(`${found}\n`);
  });
  return good ? 0 : 1;
};
