/** Applets of a few lines each. */
import { isErrno } from "../core/errno.ts";
import { realpath } from "../sys/files.ts";
import { writeFd } from "../sys/io.ts";
import { type Applet, Failure, UsageError } from "./lib/applet.ts";
import { parseDuration, parseNumber, parseOptions } from "./lib/options.ts";

export const trueApplet: Applet = async () => 0;
export const falseApplet: Applet = async () => 1;

export const sleep: Applet = async (io, args) => {
  if (args.length === 0) throw new UsageError("usage: sleep N[suffix]...");
  const seconds = args.reduce((sum, arg) => sum + parseDuration(arg), 0);
  await sleepFor(io.process, seconds * 1000);
  return 0;
};

/** Node's timers hold 24 days; longer sleeps take several. */
const longestMs = 2_000_000_000;

export async function sleepFor(process: Parameters<Applet>[0]["process"], delayMs: number): Promise<void> {
  const until = process.machine.now() + delayMs;
  for (;;) {
    const left = until - process.machine.now();
    if (left <= 0) return;
    try {
      await process.sleepMs(Math.min(left, longestMs));
    } catch (error) {
      if (!isErrno(error, "EINTR")) throw error;
    }
  }
}

export const usleep: Applet = async (io, args) => {
  await sleepFor(io.process, parseNumber(args[0] ?? "0") / 1000);
  return 0;
};

export const yes: Applet = async (io, args) => {
  const block = Buffer.from(`${args.length > 0 ? args.join(" ") : "y"}\n`, "latin1")
    .toString("latin1")
    .repeat(64);
  for (;;) await io.out(block);
};

export const seq: Applet = async (io, args) => {
  const options = parseOptions(
    args.map((arg) => (/^-\d/.test(arg) ? `\0${arg}` : arg)),
    "ws:",
  );
  const numbers = options.operands.map((text) => Number(text.replace("\0", "")));
  if (numbers.length === 0 || numbers.length > 3 || numbers.some(Number.isNaN))
    throw new UsageError("usage: seq [-w] [-s SEP] [FIRST [INC]] LAST");
  const [first, step, last] =
    numbers.length === 1
      ? [1, 1, numbers[0] ?? 0]
      : numbers.length === 2
        ? [numbers[0] ?? 0, 1, numbers[1] ?? 0]
        : [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0];
  const digits = Math.max(...options.operands.map((text) => (text.split(".")[1] ?? "").length));
  const width = options.has("w") ? Math.max(first.toFixed(digits).length, last.toFixed(digits).length) : 0;
  const separator = options.value("s") ?? "\n";
  let batch: string[] = [];
  let printed = false;
  for (let index = 0; ; index++) {
    const value = first + index * step;
    if (step >= 0 ? value > last + 1e-9 : value < last - 1e-9) break;
    if (step === 0 && index > 1e7) throw new Failure("too many lines");
    batch.push(`${printed || batch.length > 0 ? separator : ""}${value.toFixed(digits).padStart(width, "0")}`);
    if (batch.length < 512) continue;
    await io.out(batch.join(""));
    printed = true;
    batch = [];
  }
  const rest = batch.join("");
  if (rest !== "" || printed) await io.out(`${rest}\n`);
  return 0;
};

export const basename: Applet = async (io, args) => {
  const [path, suffix = ""] = args;
  if (path === undefined) throw new UsageError("usage: basename FILE [SUFFIX]");
  const trimmed = path.replace(/\/+$/, "");
  const name = trimmed === "" ? path.slice(0, 1) : trimmed.slice(trimmed.lastIndexOf("/") + 1);
  await io.out(`${suffix !== "" && suffix !== name && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`);
  return 0;
};

export const dirname: Applet = async (io, args) => {
  const [path] = args;
  if (path === undefined) throw new UsageError("usage: dirname FILENAME");
  const trimmed = path.replace(/\/+$/, "");
  const at = trimmed.lastIndexOf("/");
  const parent = at < 0 ? "." : trimmed.slice(0, at).replace(/\/+$/, "") || "/";
  await io.out(`${trimmed === "" && path.startsWith("/") ? "/" : parent}\n`);
  return 0;
};

export const pwd: Applet = async (io) => {
  await io.out(`${realpath(io.process, ".")}\n`);
  return 0;
};

export const clear: Applet = async (io) => {
  await io.out("\x1b[H\x1b[J");
  return 0;
};

export const sync: Applet = async () => 0;

export const nproc: Applet = async (io) => {
  await io.out("2\n");
  return 0;
};

export const tty: Applet = async (io, args) => {
  const terminal = io.process.fds.find(0)?.tty;
  if (!args.includes("-s")) await writeFd(io.process, 1, `${terminal?.name ?? "not a tty"}\n`);
  return terminal ? 0 : 1;
};
