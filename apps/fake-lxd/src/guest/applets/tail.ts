/** tail, with -f (the open file) and -F (the name). */
import { Errno } from "../core/errno.ts";
import type { OpenFile } from "../core/open-file.ts";
import { open, stat } from "../sys/files.ts";
import { readAll } from "../sys/io.ts";
import { S_IFMT, S_IFREG } from "../vfs/types.ts";
import { type Applet, type AppletIo } from "./lib/applet.ts";
import { type Options, parseOptions, parseSize } from "./lib/options.ts";
import { sleepFor } from "./simple.ts";
import { dashNumber } from "./text.ts";

interface Followed {
  name: string;
  file: OpenFile | undefined;
}

const chunkBytes = 65_536;

export const tail: Applet = async (io, args) => {
  const options = parseOptions(dashNumber(args), "n:c:fFqvs:", { lines: "n", bytes: "c", follow: "f" });
  const titled = (options.operands.length > 1 || options.has("v")) && !options.has("q");
  const followed: Followed[] = [];
  let code = 0;
  const names = options.operands.length > 0 ? options.operands : ["-"];
  for (const [index, name] of names.entries()) {
    const file = name === "-" ? io.process.fds.get(0) : await openOrWarn(io, name);
    if (!file) code = 1;
    followed.push({ name, file: file?.acquire() });
    if (!file) continue;
    if (titled) await io.out(`${index === 0 ? "" : "\n"}==> ${name === "-" ? "standard input" : name} <==\n`);
    await printEnd(io, file, options);
  }
  if (options.has("f") || options.has("F")) await follow(io, followed, options, titled);
  return code;
};

async function openOrWarn(io: AppletIo, name: string): Promise<OpenFile | undefined> {
  try {
    return await open(io.process, name, 0);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    await io.warn(`${name}: ${error.text}`);
    return undefined;
  }
}

/** Also moves to the end of the file. */
async function printEnd(io: AppletIo, file: OpenFile, options: Options): Promise<void> {
  const bytes = options.value("c");
  const value = bytes ?? options.value("n") ?? "10";
  const fromStart = value.startsWith("+");
  const count = parseSize(value.replace(/^[-+]/, ""));
  const fd = io.process.fds.add(file);
  const text = await readAll(io.process, fd);
  io.process.fds.close(fd);
  if (bytes !== undefined)
    return io.out(fromStart ? text.slice(Math.max(0, count - 1)) : text.slice(Math.max(0, text.length - count)));
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  await io.out((fromStart ? lines.slice(Math.max(0, count - 1)) : count === 0 ? [] : lines.slice(-count)).join(""));
}

async function follow(io: AppletIo, followed: Followed[], options: Options, titled: boolean): Promise<never> {
  const delayMs = Number(options.value("s") ?? 1) * 1000;
  let lastShown = followed.at(-1);
  for (;;) {
    for (const one of followed) {
      if (options.has("F")) await reopenIfReplaced(io, one);
      const fresh = one.file ? await readNew(io, one.file) : "";
      if (fresh === "") continue;
      if (titled && lastShown !== one) await io.out(`\n==> ${one.name} <==\n`);
      lastShown = one;
      await io.out(fresh);
    }
    await sleepFor(io.process, delayMs);
  }
}

async function readNew(io: AppletIo, file: OpenFile): Promise<string> {
  const info = file.stat();
  if ((info.mode & S_IFMT) === S_IFREG && info.size < file.seek(0, "current")) file.seek(0, "set");
  let text = "";
  for (
    let chunk = await file.read(io.process, chunkBytes);
    chunk.length > 0;
    chunk = await file.read(io.process, chunkBytes)
  )
    text += chunk.toString("latin1");
  return text;
}

async function reopenIfReplaced(io: AppletIo, one: Followed): Promise<void> {
  try {
    const now = stat(io.process, one.name);
    const before = one.file?.stat();
    if (before && before.ino === now.ino && before.dev === now.dev) return;
    const file = (await open(io.process, one.name, 0)).acquire();
    one.file?.release();
    one.file = file;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
  }
}
