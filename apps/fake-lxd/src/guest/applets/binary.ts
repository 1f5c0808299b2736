/** Applets on bytes: dd od hexdump base64 checksums cmp. */
import { createHash } from "node:crypto";
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from "../core/open-file.ts";
import { openFd, readAll, readFd, readFile, writeFd } from "../sys/io.ts";
import { type Applet, type AppletIo, Failure, UsageError } from "./lib/applet.ts";
import { parseOptions, parseSize } from "./lib/options.ts";

export const dd: Applet = async (io, args) => {
  const settings = new Map(
    args.map((arg) => {
      const at = arg.indexOf("=");
      if (at < 0) throw new UsageError(`invalid argument '${arg}'`);
      return [arg.slice(0, at), arg.slice(at + 1)] as const;
    }),
  );
  const size = (name: string, fallback: number) =>
    settings.has(name) ? parseSize(settings.get(name) ?? "") : fallback;
  const block = size("bs", size("ibs", 512));
  const { process } = io;
  // The buffers are what a memory limit notices first.
  process.allocatedBytes += block;
  process.cgroup.checkMemory();
  process.alive();
  const input = settings.get("if") === undefined ? 0 : await openFd(process, settings.get("if") ?? "", 0);
  const conversions = (settings.get("conv") ?? "").split(",");
  const flags =
    O_WRONLY |
    O_CREAT |
    (conversions.includes("notrunc") || settings.has("seek") ? 0 : O_TRUNC) |
    (settings.get("oflag") === "append" ? O_APPEND : 0);
  const output = settings.get("of") === undefined ? 1 : await openFd(process, settings.get("of") ?? "", flags);
  await skipInput(io, input, size("skip", 0) * block, block);
  if (settings.has("seek")) process.fds.get(output).seek(size("seek", 0) * block, "set");
  const counts = await transfer(
    io,
    input,
    output,
    block,
    size("count", Number.POSITIVE_INFINITY),
    conversions.includes("sync"),
  );
  if (settings.get("status") !== "none") await writeFd(process, 2, report(counts, settings.get("status") === "noxfer"));
  return 0;
};

async function skipInput(io: AppletIo, fd: number, bytes: number, block: number): Promise<void> {
  for (let left = bytes; left > 0; ) {
    const chunk = await readFd(io.process, fd, Math.min(left, block));
    if (chunk.length === 0) return;
    left -= chunk.length;
  }
}

interface Transfer {
  full: number;
  partial: number;
  bytes: number;
}

async function transfer(
  io: AppletIo,
  input: number,
  output: number,
  block: number,
  count: number,
  pad: boolean,
): Promise<Transfer> {
  const done: Transfer = { full: 0, partial: 0, bytes: 0 };
  for (let blocks = 0; blocks < count; blocks++) {
    const chunk = await readFd(io.process, input, block);
    if (chunk.length === 0) break;
    const data = pad && chunk.length < block ? Buffer.concat([chunk, Buffer.alloc(block - chunk.length)]) : chunk;
    await writeFd(io.process, output, data);
    if (chunk.length === block) done.full++;
    else done.partial++;
    done.bytes += data.length;
  }
  return done;
}

function report({ full, partial, bytes }: Transfer, short: boolean): string {
  const records = `${full}+${partial} records in\n${full}+${partial} records out\n`;
  return short ? records : `${records}${bytes} bytes copied, 0.000000 seconds, 0B/s\n`;
}

export const base64: Applet = async (io, args) => {
  const options = parseOptions(args, "dw:", { decode: "d" });
  const wrap = Number(options.value("w") ?? 76);
  const good = await io.eachInput(options.operands.slice(0, 1), async (fd) => {
    const text = await readAll(io.process, fd);
    if (options.has("d")) return io.out(Buffer.from(text, "base64"));
    const encoded = Buffer.from(text, "latin1").toString("base64");
    const lines = wrap === 0 ? [encoded] : (encoded.match(new RegExp(`.{1,${wrap}}`, "g")) ?? []);
    await io.out(`${lines.join("\n")}${wrap === 0 || lines.length === 0 ? "" : "\n"}`);
  });
  return good ? 0 : 1;
};

function checksum(algorithm: string): Applet {
  return async (io, args) => {
    const options = parseOptions(args, "csw", { check: "c", status: "s" });
    if (options.has("c")) return verify(io, algorithm, options.operands, options.has("s"));
    const good = await io.eachInput(options.operands, async (fd, name) =>
      io.out(`${await digest(io, algorithm, fd)}  ${name}\n`),
    );
    return good ? 0 : 1;
  };
}

async function digest(io: AppletIo, algorithm: string, fd: number): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of io.chunks(fd)) hash.update(chunk);
  return hash.digest("hex");
}

async function verify(io: AppletIo, algorithm: string, lists: readonly string[], silent: boolean): Promise<number> {
  let failed = 0;
  let count = 0;
  await io.eachInput(lists, async (fd) => {
    for (const line of (await readAll(io.process, fd)).split("\n")) {
      const match = /^([0-9a-fA-F]+) [ *](.+)$/.exec(line);
      if (!match) continue;
      count++;
      let actual = "";
      await io.eachInput([match[2] ?? ""], async (file) => {
        actual = await digest(io, algorithm, file);
      });
      const good = actual === (match[1] ?? "").toLowerCase();
      if (!good) failed++;
      if (!silent) await io.out(`${match[2]}: ${good ? "OK" : "FAILED"}\n`);
    }
  });
  if (failed > 0 && !silent) await io.warn(`WARNING: ${failed} of ${count} computed checksums did NOT match`);
  return failed > 0 || count === 0 ? 1 : 0;
}

export const md5sum = checksum("md5");
export const sha1sum = checksum("sha1");
export const sha256sum = checksum("sha256");
export const sha512sum = checksum("sha512");

export const cmp: Applet = async (io, args) => {
  const options = parseOptions(args, "sl");
  const [first, second = "-"] = options.operands;
  if (first === undefined) throw new UsageError("usage: cmp [-ls] FILE1 [FILE2]", 2);
  const content = (path: string) => (path === "-" ? readAll(io.process, 0) : readFile(io.process, path));
  let texts: [string, string] = ["", ""];
  const opened = await io.try(`can't open '${first}'`, async () => {
    texts = [await content(first), await content(second)];
  });
  if (!opened) return 2;
  const [a, b] = texts;
  if (a === b) return 0;
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  if (options.has("s")) return 1;
  if (at === Math.min(a.length, b.length)) await io.warn(`EOF on ${a.length < b.length ? first : second}`);
  else await io.out(`${first} ${second} differ: char ${at + 1}, line ${a.slice(0, at).split("\n").length}\n`);
  return 1;
};

/** od: -A d|o|x|n, -t x1|o1|d1|u1|c|x2|o2..., -b -c -d -o -x, -N, -j, -v. */
export const od: Applet = async (io, args) => {
  const options = parseOptions(args, "bcdoxva:A:t:N:j:w:");
  const skip = parseSize(options.value("j") ?? "0");
  const data = Buffer.from(await contents(io, options.operands), "latin1").subarray(skip);
  const bytes = options.value("N") === undefined ? data : data.subarray(0, parseSize(options.value("N") ?? "0"));
  const type =
    options.value("t") ??
    (options.has("b") ? "o1" : options.has("c") ? "c" : options.has("d") ? "u2" : options.has("x") ? "x2" : "o2");
  const radix = options.value("A") ?? "o";
  const offset = (at: number) =>
    radix === "n"
      ? ""
      : radix === "d"
        ? String(at).padStart(7, "0")
        : radix === "x"
          ? at.toString(16).padStart(6, "0")
          : at.toString(8).padStart(7, "0");
  for (let at = 0; at < bytes.length; at += 16)
    await io.out(`${offset(at + skip)}${odRow(bytes.subarray(at, at + 16), type)}\n`);
  if (radix !== "n") await io.out(`${offset(bytes.length + skip)}\n`);
  return 0;
};

async function contents(io: AppletIo, files: readonly string[]): Promise<string> {
  let text = "";
  await io.eachInput(files, async (fd) => {
    text += await readAll(io.process, fd);
  });
  return text;
}

const charNames: Record<number, string> = {
  0: "\\0",
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
};

function odRow(row: Buffer, type: string): string {
  const kind = type[0] ?? "o";
  if (kind === "c" || kind === "a") {
    return [...row]
      .map((byte) =>
        (
          charNames[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, "0"))
        ).padStart(4),
      )
      .join("");
  }
  const size = Number(/\d/.exec(type)?.[0] ?? (kind === "x" || kind === "o" || kind === "d" || kind === "u" ? 4 : 1));
  if (!"xodu".includes(kind) || ![1, 2, 4, 8].includes(size)) throw new Failure(`invalid type string '${type}'`);
  const padded = Buffer.concat([row, Buffer.alloc((size - (row.length % size)) % size)]);
  let text = "";
  for (let at = 0; at < padded.length; at += size) text += ` ${odNumber(padded, at, size, kind)}`;
  return text;
}

function odNumber(row: Buffer, at: number, size: number, kind: string): string {
  let value = 0n;
  for (let index = size - 1; index >= 0; index--) value = value * 256n + BigInt(row[at + index] ?? 0);
  if (kind === "x") return value.toString(16).padStart(size * 2, "0");
  if (kind === "o") return value.toString(8).padStart(Math.ceil((size * 8) / 3), "0");
  const signed = kind === "d" ? BigInt.asIntN(size * 8, value) : value;
  return String(signed).padStart({ 1: 4, 2: 6, 4: 11, 8: 20 }[size] ?? 4);
}

/** hexdump: the default two-byte words, or -C. */
export const hexdump: Applet = async (io, args) => {
  const options = parseOptions(args, "Cvn:s:");
  const skip = parseSize(options.value("s") ?? "0");
  const data = Buffer.from(await contents(io, options.operands), "latin1").subarray(skip);
  const bytes = options.value("n") === undefined ? data : data.subarray(0, parseSize(options.value("n") ?? "0"));
  const width = options.has("C") ? 8 : 7;
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    await io.out(
      `${(at + skip).toString(16).padStart(width, "0")} ${options.has("C") ? canonicalRow(row) : wordsRow(row)}\n`,
    );
  }
  if (bytes.length > 0) await io.out(`${(bytes.length + skip).toString(16).padStart(width, "0")}\n`);
  return 0;
};

function canonicalRow(row: Buffer): string {
  const cells = [...row].map((byte) => byte.toString(16).padStart(2, "0"));
  const hex = `${cells.slice(0, 8).join(" ")}  ${cells.slice(8).join(" ")}`.padEnd(48);
  const text = [...row].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
  return ` ${hex}  |${text}|`;
}

function wordsRow(row: Buffer): string {
  const words: string[] = [];
  for (let at = 0; at < row.length; at += 2)
    words.push(((row[at] ?? 0) + (row[at + 1] ?? 0) * 256).toString(16).padStart(4, "0"));
  return words.join(" ");
}
