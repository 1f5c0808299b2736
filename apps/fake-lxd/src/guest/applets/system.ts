/** date hostname uname arch mount umount sysctl stty dmesg ipcs poweroff halt reboot logger */
import fs from "node:fs";
import { has } from "../core/capabilities.ts";
import { fromBytes } from "../core/bytes.ts";
import { Errno } from "../core/errno.ts";
import { SIGPWR } from "../core/signals.ts";
import type { Tty } from "../core/tty.ts";
import { readFile, writeFd, writeFile } from "../sys/io.ts";
import { O_WRONLY } from "../core/open-file.ts";
import { type Applet, Failure, UsageError } from "./lib/applet.ts";
import { formatDate, parseDate } from "./lib/dates.ts";
import { parseOptions } from "./lib/options.ts";
import { bindMount } from "../sys/mounts.ts";
import { passSeccomp } from "../sys/seccomp.ts";
import { stat } from "../sys/files.ts";

export const date: Applet = async (io, args) => {
  const options = parseOptions(args, "Rus:d:r:I:D:", { utc: "u", date: "d", reference: "r" });
  const format = options.operands.find((word) => word.startsWith("+"));
  const { machine } = io.process;
  if (options.has("s") || options.operands.some((word) => !word.startsWith("+")))
    throw new Failure("can't set date: Operation not permitted");
  const text = options.value("d");
  const reference = options.value("r");
  const ms =
    text !== undefined
      ? parseDate(text, machine.now())
      : reference !== undefined
        ? stat(io.process, reference).mtimeMs
        : machine.now();
  if (ms === undefined) throw new Failure(`invalid date '${text ?? ""}'`);
  const fallback = options.has("R")
    ? "%a, %d %b %Y %H:%M:%S %z"
    : options.has("I")
      ? isoFormat(options.value("I") ?? "")
      : "%a %b %e %H:%M:%S %Z %Y";
  await io.out(`${formatDate(ms, format?.slice(1) ?? fallback)}\n`);
  return 0;
};

function isoFormat(precision: string): string {
  const formats: Record<string, string> = { hours: "%FT%H%z", minutes: "%FT%R%z", seconds: "%FT%T%z" };
  return formats[precision] ?? "%F";
}

export const hostname: Applet = async (io, args) => {
  const options = parseOptions(args, "sfidF:");
  const { uts, net } = io.process.namespaces;
  const file = options.value("F");
  const name = options.operands[0] ?? (file === undefined ? undefined : (await readFile(io.process, file)).trim());
  if (name !== undefined) {
    if (!(await io.try("sethostname", () => passSeccomp(io.process, "sethostname")))) return 1;
    if (!has(io.process.capabilities, "sys_admin")) throw new Failure("sethostname: Operation not permitted");
    uts.hostname = fromBytes(name);
    return 0;
  }
  if (options.has("i"))
    await io.out(
      `${net
        .addresses()
        .filter((address) => !address.startsWith("127.") && !address.includes(":"))
        .join(" ")}\n`,
    );
  else if (options.has("d")) await io.out(`${uts.hostname.split(".").slice(1).join(".")}\n`);
  else await io.out(`${options.has("s") ? uts.hostname.split(".")[0] : uts.hostname}\n`);
  return 0;
};

export const uname: Applet = async (io, args) => {
  const options = parseOptions(args, "amnrspvio", { all: "a" });
  const { machine, namespaces } = io.process;
  const parts: [letter: string, text: string][] = [
    ["s", "Linux"],
    ["n", namespaces.uts.hostname],
    ["r", machine.kernelVersion],
    ["v", "#1 SMP PREEMPT_DYNAMIC"],
    ["m", machine.architecture],
    ...(options.has("a")
      ? []
      : ([
          ["p", "unknown"],
          ["i", "unknown"],
        ] as [string, string][])),
    ["o", "GNU/Linux"],
  ];
  const wanted = parts.filter(([letter]) => options.has("a") || options.has(letter));
  await io.out(`${(wanted.length > 0 ? wanted : parts.slice(0, 1)).map(([, text]) => text).join(" ")}\n`);
  return 0;
};

export const arch: Applet = async (io) => {
  await io.out(`${io.process.machine.architecture}\n`);
  return 0;
};

export const mount: Applet = async (io, args) => {
  const options = parseOptions(args, "arwfno:t:B", { bind: "B" });
  if (options.operands.length === 0) {
    const lines = (await readFile(io.process, "/proc/mounts")).split("\n").filter((line) => line !== "");
    const shown = lines.map((line) => {
      const [source, target, type, flags] = line.split(" ");
      return `${source} on ${target} type ${type} (${flags})\n`;
    });
    await io.out(shown.join(""));
    return 0;
  }
  const [source = "", target = source] = options.operands;
  const isBind = options.has("B") || (options.value("o") ?? "").split(",").some((word) => /^r?bind$/u.test(word));
  const done = await io.try(`mounting ${source} on ${target} failed`, () => {
    if (!has(io.process.capabilities, "sys_admin")) throw new Errno("EPERM");
    if (!isBind) throw new Errno("EOPNOTSUPP");
    bindMount(io.process, source, target);
  });
  return done ? 0 : 1;
};

export const umount: Applet = async (io, args) => {
  const options = parseOptions(args, "arldfnt:");
  const [target] = options.operands;
  if (target === undefined) throw new UsageError("usage: umount [-rlf] FILESYSTEM|DIRECTORY");
  const mounted = io.process.mounts.list().some(({ path }) => path === target);
  throw new Failure(`can't unmount ${target}: ${mounted ? "Operation not permitted" : "Invalid argument"}`);
};

export const sysctl: Applet = async (io, args) => {
  const options = parseOptions(args, "aneqwp:N");
  let code = 0;
  for (const word of options.operands) {
    const [key = "", value] = word.split("=");
    const path = `/proc/sys/${key.replaceAll(".", "/")}`;
    const good = await io.try(`error: ${path}`, async () => {
      if (value !== undefined) await writeFile(io.process, path, O_WRONLY, `${value}\n`);
      const shown = (await readFile(io.process, path)).trimEnd();
      await io.out(options.has("n") ? `${shown}\n` : `${key} = ${shown}\n`);
    });
    if (!good && !options.has("e")) code = 1;
  }
  return code;
};

export const stty: Applet = async (io, args) => {
  const terminal = io.process.fds.find(0)?.tty;
  if (!terminal) throw new Failure("standard input: Not a tty");
  if (args[0] === "size") {
    await io.out(`${terminal.rows} ${terminal.columns}\n`);
    return 0;
  }
  if (args.length === 0 || args[0] === "-a") {
    await io.out(`speed 38400 baud; rows ${terminal.rows}; columns ${terminal.columns};\n${settings(terminal)}\n`);
    return 0;
  }
  applyModes(terminal, args);
  return 0;
};

function settings({ modes }: Tty): string {
  return [
    flag(modes.echo, "echo"),
    flag(modes.canonical, "icanon"),
    flag(modes.signals, "isig"),
    flag(modes.outputNewlines, "opost"),
    flag(modes.inputReturns, "icrnl"),
  ].join(" ");
}

function applyModes(terminal: Tty, args: string[]): void {
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const on = !word.startsWith("-");
    switch (word.replace(/^-/, "")) {
      case "echo":
        terminal.modes.echo = on;
        break;
      case "icanon":
        terminal.modes.canonical = on;
        break;
      case "isig":
        terminal.modes.signals = on;
        break;
      case "opost":
      case "onlcr":
        terminal.modes.outputNewlines = on;
        break;
      case "icrnl":
        terminal.modes.inputReturns = on;
        break;
      case "raw":
        Object.assign(terminal.modes, { canonical: !on, signals: !on, outputNewlines: !on, inputReturns: !on });
        break;
      case "sane":
      case "cooked":
        Object.assign(terminal.modes, { echo: true, canonical: on, signals: on, outputNewlines: on, inputReturns: on });
        break;
      case "rows":
        terminal.resize(terminal.columns, Number(rest.shift()));
        break;
      case "cols":
      case "columns":
        terminal.resize(Number(rest.shift()), terminal.rows);
        break;
      default:
        throw new Failure(`invalid argument '${word}'`);
    }
  }
}

export const dmesg: Applet = async () => {
  throw new Failure("klogctl: Operation not permitted");
};

export const ipcs: Applet = async (io) => {
  const rows = io.process.namespaces.ipc.isHost ? hostSegments() : "";
  await io.out(
    `\n------ Shared Memory Segments --------\nkey        shmid      owner      perms      bytes      nattch     status\n${rows}\n`,
  );
  return 0;
};

/** Segments of the machine, for guests in the host's namespace. */
function hostSegments(): string {
  // Elsewhere than on Linux nothing tells.
  if (!fs.existsSync("/proc/sysvipc/shm")) return "";
  const [, ...lines] = fs.readFileSync("/proc/sysvipc/shm", "latin1").trimEnd().split("\n");
  const rows = lines.map((line) => {
    const [key = "0", shmid = "", mode = "", bytes = "", , , attached = "", uid = ""] = line.trim().split(/\s+/);
    const hexKey = `0x${(Number(key) >>> 0).toString(16).padStart(8, "0")}`;
    return `${[hexKey, shmid, uid, mode.slice(-3), bytes, attached].map((field) => field.padEnd(10)).join(" ")}\n`;
  });
  return rows.join("");
}

/** poweroff, halt, reboot: asks init. */
export const shutdown: Applet = async (io) => {
  const { init } = io.process.namespaces.pid;
  if (!init) throw new Failure("no init");
  init.signal(SIGPWR, io.process);
  return 0;
};

export const logger: Applet = async (io, args) => {
  const options = parseOptions(args, "sp:t:");
  if (options.has("s"))
    await writeFd(io.process, 2, `${options.value("t") ?? "root"}: ${options.operands.join(" ")}\n`);
  return 0;
};

function flag(on: boolean, name: string): string {
  return `${on ? "" : "-"}${name}`;
}
