/** Applets about processes: ps kill killall pidof pgrep pkill nohup setsid timeout env nice time xargs watch. */
import { isControl } from "../core/control.ts";
import { Errno } from "../core/errno.ts";
import { O_APPEND, O_CREAT, O_WRONLY } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";
import { SIGHUP, SIGKILL, SIGTERM, signalName, signalNumber } from "../core/signals.ts";
import { findProgram } from "../shell/lookup.ts";
import { open } from "../sys/files.ts";
import { isTty, readAll, writeFd } from "../sys/io.ts";
import {
  execve,
  exitCode,
  fork,
  kill as killProcess,
  setsid as newSession,
  spawn,
  waitForEnd,
} from "../sys/processes.ts";
import { userName } from "./lib/accounts.ts";
import { type Applet, type AppletIo, Failure, UsageError } from "./lib/applet.ts";
import { parseDuration, parseNumber, parseOptions } from "./lib/options.ts";
import { sleepFor } from "./simple.ts";

/** Those that the process can see, in the order of their numbers. */
export function visible(process: Process): Process[] {
  return process.namespaces.pid.processes();
}

export function pidOf(viewer: Process, process: Process): number {
  return process.pidIn(viewer.namespaces);
}

/** As ps shows it. */
export function commandLine(process: Process): string {
  return process.dead ? `[${process.comm}]` : process.argv.join(" ") || `{${process.comm}}`;
}

const columns: Record<string, { title: string; width: number; value: (viewer: Process, process: Process) => string }> =
  {
    pid: { title: "PID", width: 5, value: (viewer, one) => String(pidOf(viewer, one)).padStart(5) },
    ppid: {
      title: "PPID",
      width: 5,
      value: (viewer, one) => String(one.parent ? pidOf(viewer, one.parent) : 0).padStart(5),
    },
    pgid: { title: "PGID", width: 5, value: (viewer, one) => String(pidOf(viewer, one.group.leader)).padStart(5) },
    user: {
      title: "USER",
      width: 8,
      value: (viewer, one) => userName(viewer, one.credentials.euid) ?? String(one.credentials.euid),
    },
    group: { title: "GROUP", width: 8, value: (_viewer, one) => String(one.credentials.egid) },
    time: { title: "TIME", width: 6, value: () => "  0:00" },
    etime: {
      title: "ELAPSED",
      width: 7,
      value: (viewer, one) => String(Math.floor((viewer.machine.now() - one.startMs) / 1000)).padStart(7),
    },
    stat: { title: "STAT", width: 4, value: (_viewer, one) => (one.dead ? "Z" : one.stopped ? "T" : "S") },
    vsz: { title: "VSZ", width: 6, value: () => "  1280" },
    rss: {
      title: "RSS",
      width: 4,
      value: (_viewer, one) => String(Math.ceil((640 * 1024 + one.allocatedBytes) / 1024)),
    },
    tty: { title: "TT", width: 6, value: (_viewer, one) => one.group.session.tty?.name.replace("/dev/", "") ?? "?" },
    comm: { title: "COMMAND", width: 16, value: (_viewer, one) => one.comm },
    args: { title: "COMMAND", width: 27, value: (_viewer, one) => commandLine(one) },
  };

export const ps: Applet = async (io, args) => {
  // The options of other systems are taken without complaint.
  const plain = args.filter((arg) => !/^(-?[aefxuwlA]+|-T)$/.test(arg));
  const options = parseOptions(plain, "o:wlTp:");
  const asked = options.value("o")?.split(",") ?? ["pid", "user", "time", "args"];
  const shown = asked.map((name) => {
    const column = columns[name.split("=")[0] ?? ""];
    if (!column) throw new Failure(`bad -o argument '${name}', supported arguments: ${Object.keys(columns).join(",")}`);
    return { ...column, title: name.includes("=") ? (name.split("=")[1] ?? "") : column.title };
  });
  const wanted = options.value("p")?.split(",").map(Number);
  const list = visible(io.process).filter((one) => !wanted || wanted.includes(pidOf(io.process, one)));
  const row = (cells: string[]) =>
    `${cells.map((cell, index) => (index === cells.length - 1 ? cell : cell.padEnd(shown[index]?.width ?? 0))).join(" ")}\n`;
  if (shown.some(({ title }) => title !== ""))
    await io.out(
      row(shown.map(({ title, width }) => (title === "PID" || title === "PPID" ? title.padStart(width) : title))),
    );
  await io.out(list.map((one) => row(shown.map(({ value }) => value(io.process, one)))).join(""));
  return 0;
};

export const kill: Applet = async (io, args) => {
  const rest = [...args];
  let signal: number | undefined = SIGTERM;
  const first = rest[0] ?? "";
  if (first === "-l") {
    const names = rest
      .slice(1)
      .map((text) => (/^\d+$/.test(text) ? signalName(Number(text) & 127) : String(signalNumber(text) ?? "")));
    await io.out(
      rest.length > 1
        ? `${names.join("\n")}\n`
        : `${Array.from({ length: 31 }, (_, index) => signalName(index + 1)).join(" ")}\n`,
    );
    return 0;
  }
  if (first === "-s") {
    signal = signalNumber(rest[1] ?? "");
    rest.splice(0, 2);
  } else if (/^-./.test(first) && first !== "--") {
    signal = signalNumber(first.slice(1));
    rest.shift();
  }
  if (signal === undefined) throw new Failure(`bad signal name '${first.replace(/^-/, "")}'`);
  const pids = rest.filter((text) => text !== "--");
  if (pids.length === 0) throw new Failure("you need to specify whom to kill");
  return sendAll(io, pids, signal);
};

async function sendAll(io: AppletIo, pids: string[], signal: number): Promise<number> {
  let code = 0;
  for (const pid of pids) {
    if (!/^-?\d+$/.test(pid)) throw new Failure(`invalid number '${pid}'`);
    if (!(await io.try(`can't kill pid ${pid}`, () => killProcess(io.process, Number(pid), signal)))) code = 1;
  }
  return code;
}

function isNamed(process: Process, name: string): boolean {
  if (process.dead) return false;
  const program = process.argv[0] ?? "";
  const script = process.argv[1] ?? "";
  return name.includes("/")
    ? process.exe === name || program === name
    : [process.comm, last(program)].includes(name) || (last(script) === name && process.comm === last(script));
}

export const pidof: Applet = async (io, args) => {
  const options = parseOptions(args, "so:");
  const omitted = options.values("o").map((text) => (text === "%PPID" ? (io.process.parent?.pid ?? 0) : Number(text)));
  const found = options.operands
    .flatMap((name) => visible(io.process).filter((one) => isNamed(one, name)))
    .filter((one) => one !== io.process)
    .map((one) => pidOf(io.process, one))
    .filter((pid) => !omitted.includes(pid))
    .toReversed();
  if (found.length === 0) return 1;
  await io.out(`${(options.has("s") ? found.slice(0, 1) : found).join(" ")}\n`);
  return 0;
};

export const killall: Applet = async (io, args) => {
  if (args[0] === "-l") return kill(io, args);
  const rest = [...args];
  let signal: number | undefined = SIGTERM;
  let quiet = false;
  for (let arg = rest[0]; arg?.startsWith("-") && arg.length > 1; arg = rest[0]) {
    rest.shift();
    if (arg === "-q") quiet = true;
    else signal = signalNumber(arg === "-s" ? (rest.shift() ?? "") : arg.slice(1));
  }
  if (signal === undefined) throw new Failure("bad signal name");
  let code = 0;
  for (const name of rest) {
    const found = visible(io.process).filter((one) => one !== io.process && isNamed(one, name));
    if (found.length === 0) {
      code = 1;
      if (!quiet) await io.warn(`${name}: no process killed`);
    }
    for (const one of found) await io.try(name, () => killProcess(io.process, pidOf(io.process, one), signal));
  }
  return code;
};

function matching(io: AppletIo, options: ReturnType<typeof parseOptions>): Process[] {
  const [pattern] = options.operands;
  const parent = options.value("P");
  if (pattern === undefined && parent === undefined) throw new UsageError("no pattern", 2);
  const expression = new RegExp(options.has("x") ? `^(?:${pattern ?? ""})$` : (pattern ?? ""));
  const all = visible(io.process).filter((one) => {
    if (one === io.process || one.dead) return false;
    if (parent !== undefined && String(one.parent ? pidOf(io.process, one.parent) : 0) !== parent) return false;
    return expression.test(options.has("f") ? commandLine(one) : one.comm) !== options.has("v");
  });
  if (options.has("n")) return all.slice(-1);
  return options.has("o") ? all.slice(0, 1) : all;
}

export const pgrep: Applet = async (io, args) => {
  const options = parseOptions(args, "flnovxaP:s:u:");
  const found = matching(io, options);
  const text = (one: Process) =>
    options.has("l") || options.has("a")
      ? ` ${options.has("f") || options.has("a") ? commandLine(one) : one.comm}`
      : "";
  await io.out(found.map((one) => `${pidOf(io.process, one)}${text(one)}\n`).join(""));
  return found.length > 0 ? 0 : 1;
};

export const pkill: Applet = async (io, args) => {
  const [first = "", ...rest] = args;
  const given = /^-[A-Z0-9]/.test(first) ? signalNumber(first.slice(1)) : undefined;
  const options = parseOptions(given === undefined ? args : rest, "fnovxP:s:u:");
  const found = matching(io, options);
  for (const one of found)
    await io.try(one.comm, () => killProcess(io.process, pidOf(io.process, one), given ?? SIGTERM));
  return found.length > 0 ? 0 : 1;
};

/** Becomes another program; 127 or 126 when that fails. */
export async function become(io: AppletIo, argv: string[], env = io.env): Promise<number> {
  const name = argv[0] ?? "";
  try {
    const file = findProgram(io.process, name, env.get("PATH") ?? "/sbin:/usr/sbin:/bin:/usr/bin");
    return await execve(io.process, file, argv, env);
  } catch (error) {
    if (isControl(error) || !(error instanceof Errno)) throw error;
    await io.warn(`can't execute '${name}': ${error.text}`);
    return error.code === "ENOENT" ? 127 : 126;
  }
}

export const env: Applet = async (io, args) => {
  const options = parseOptions(args, "+iu:0", { "ignore-environment": "i", unset: "u" });
  const operands = [...options.operands];
  let clear = options.has("i");
  if (operands[0] === "-") {
    clear = true;
    operands.shift();
  }
  const environment = new Map(clear ? [] : io.env);
  for (const name of options.values("u")) environment.delete(name);
  while (operands[0]?.includes("=")) {
    const [text = ""] = operands.splice(0, 1);
    environment.set(text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1));
  }
  if (operands.length > 0) return become(io, operands, environment);
  const end = options.has("0") ? "\0" : "\n";
  await io.out([...environment].map(([name, value]) => `${name}=${value}${end}`).join(""));
  return 0;
};

export const printenv: Applet = async (io, args) => {
  if (args.length === 0) return env(io, []);
  let code = 0;
  for (const name of args) {
    const value = io.env.get(name);
    if (value === undefined) code = 1;
    else await io.out(`${value}\n`);
  }
  return code;
};

export const nohup: Applet = async (io, args) => {
  if (args.length === 0) throw new UsageError("usage: nohup PROG ARGS");
  io.process.setDisposition(SIGHUP, "ignore");
  if (isTty(io.process, 1)) {
    const file = await open(io.process, "nohup.out", O_WRONLY | O_CREAT | O_APPEND, 0o600);
    await io.warn("appending output to nohup.out");
    io.process.fds.set(1, file);
    if (isTty(io.process, 2)) io.process.fds.set(2, file);
  }
  return become(io, args);
};

export const setsid: Applet = async (io, args) => {
  const options = parseOptions(args, "+cw");
  if (options.operands.length === 0) throw new UsageError("usage: setsid [-c] PROG ARGS");
  if (io.process.group.leader === io.process) {
    const child = fork(io.process, async (inner) => {
      newSession(inner);
      return become(ioOf(io, inner), options.operands, inner.env);
    });
    return options.has("w") ? exitCode(await waitForEnd(io.process, child)) : 0;
  }
  newSession(io.process);
  return become(io, options.operands);
};

export const nice: Applet = async (io, args) => {
  const options = parseOptions(args, "+n:");
  if (options.operands.length > 0) return become(io, options.operands);
  await io.out("0\n");
  return 0;
};

export const chroot: Applet = async () => {
  throw new Failure("can't change root directory: Operation not permitted");
};

/** The command takes this process over; a child of a child, which nobody waits for, watches the time. */
export const timeout: Applet = async (io, args) => {
  const options = parseOptions(args, "+s:k:t:", { signal: "s", "kill-after": "k" });
  const given = options.value("t");
  const [duration, ...command] = given === undefined ? options.operands : [given, ...options.operands];
  if (duration === undefined || command.length === 0)
    throw new UsageError("usage: timeout [-s SIG] [-k KILL_SECS] SECS PROG ARGS", 125);
  const signal = signalNumber(options.value("s") ?? "TERM");
  if (signal === undefined) throw new Failure(`bad signal name '${options.value("s") ?? ""}'`, 125);
  const seconds = parseDuration(duration);
  const killAfter = options.value("k");
  const { process } = io;
  if (seconds > 0 && seconds !== Number.POSITIVE_INFINITY) {
    const watcher = (timer: Process) =>
      watchTime(timer, process, seconds, signal, killAfter === undefined ? undefined : parseDuration(killAfter));
    const starter = fork(process, async (child) => {
      fork(child, watcher);
      return 0;
    });
    await waitForEnd(process, starter);
  }
  return become(io, command);
};

async function watchTime(
  timer: Process,
  target: Process,
  seconds: number,
  signal: number,
  killAfter: number | undefined,
): Promise<number> {
  timer.fds.closeAll();
  if (await endedWithin(timer, target, seconds)) return 0;
  target.signal(signal, timer);
  if (killAfter === undefined || (await endedWithin(timer, target, killAfter))) return 0;
  target.signal(SIGKILL, timer);
  return 0;
}

function endedWithin(timer: Process, target: Process, seconds: number): Promise<boolean> {
  return Promise.race([timer.wait(target.exited).then(() => true), sleepFor(timer, seconds * 1000).then(() => false)]);
}

/** The same applet in a child. */
function ioOf(io: AppletIo, process: Process): AppletIo {
  return Object.create(io, { process: { value: process } }) as AppletIo;
}

export const time: Applet = async (io, args) => {
  const options = parseOptions(args, "+pvf:");
  const { machine } = io.process;
  const start = machine.now();
  const child = fork(io.process, (inner) => become(ioOf(io, inner), options.operands, inner.env));
  const status = await waitForEnd(io.process, child);
  const seconds = (machine.now() - start) / 1000;
  const shown = options.has("p") ? seconds.toFixed(2) : `${Math.floor(seconds / 60)}m ${(seconds % 60).toFixed(2)}s`;
  const zero = options.has("p") ? "0.00" : "0m 0.00s";
  await writeFd(io.process, 2, `real\t${shown}\nuser\t${zero}\nsys\t${zero}\n`);
  return exitCode(status);
};

export const watch: Applet = async (io, args) => {
  const options = parseOptions(args, "+n:t");
  const command = options.operands.join(" ");
  for (;;) {
    if (!options.has("t")) await io.out(`\x1b[H\x1b[JEvery ${options.value("n") ?? "2"}.0s: ${command}\n\n`);
    const child = spawn(io.process, "/bin/sh", ["sh", "-c", command]);
    await waitForEnd(io.process, child);
    await sleepFor(io.process, parseDuration(options.value("n") ?? "2") * 1000);
  }
};

export const xargs: Applet = async (io, args) => {
  const options = parseOptions(args, "+0rtpxn:s:I:L:P:d:E:a:", { null: "0", "no-run-if-empty": "r", replace: "I" });
  const command = options.operands.length > 0 ? options.operands : ["echo"];
  const text = await readAll(io.process, 0);
  const replace = options.value("I");
  const delimiter = options.value("d");
  const items = options.has("0")
    ? text.split("\0").filter((item) => item !== "")
    : delimiter !== undefined
      ? text.replace(/\n$/, "").split(delimiter)
      : replace === undefined
        ? words(text)
        : text
            .split("\n")
            .map((line) => line.trimStart())
            .filter((line) => line !== "");
  const size =
    options.value("n") === undefined
      ? options.value("L") === undefined
        ? items.length
        : parseNumber(options.value("L") ?? "1")
      : parseNumber(options.value("n") ?? "1");
  const batches: string[][] = [];
  if (replace !== undefined)
    for (const item of items) batches.push(command.map((word) => word.replaceAll(replace, item)));
  else
    for (let at = 0; at < items.length; at += Math.max(1, size))
      batches.push([...command, ...items.slice(at, at + Math.max(1, size))]);
  if (items.length === 0 && !options.has("r") && replace === undefined) batches.push(command);
  return runBatches(io, batches, Number(options.value("P") ?? 1), options.has("t"));
};

async function runBatches(io: AppletIo, batches: string[][], parallel: number, show: boolean): Promise<number> {
  let code = 0;
  for (let at = 0; at < batches.length; at += Math.max(1, parallel)) {
    const running: Process[] = [];
    for (const argv of batches.slice(at, at + Math.max(1, parallel))) {
      if (show) await writeFd(io.process, 2, `${argv.join(" ")}\n`);
      running.push(fork(io.process, (inner) => become(ioOf(io, inner), argv, inner.env)));
    }
    for (const child of running) {
      const status = exitCode(await waitForEnd(io.process, child));
      if (status === 126 || status === 127) return status;
      if (status === 255) return 124;
      if (status !== 0) code = 123;
    }
  }
  return code;
}

/** Blanks separate; quotes and backslashes protect. */
function words(text: string): string[] {
  const list: string[] = [];
  for (const [token] of text.matchAll(/(?:"[^"\n]*"|'[^'\n]*'|\\[^]|[^\s"'\\])+/g)) {
    list.push(
      token.replaceAll(
        /"([^"\n]*)"|'([^'\n]*)'|\\([^])/g,
        (_all, double: string | undefined, single: string | undefined, char: string | undefined) =>
          double ?? single ?? char ?? "",
      ),
    );
  }
  return list;
}

function last(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
