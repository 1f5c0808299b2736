/** top: one screen per interval; with -b as lines, with -n so many times. Runs until it is killed. */
import { isErrno } from "../core/errno.ts";
import { uptimeSeconds, memoryOf } from "../vfs/proc-machine.ts";
import { isTty } from "../sys/io.ts";
import type { Applet, AppletIo } from "./lib/applet.ts";
import { userName } from "./lib/accounts.ts";
import { formatDate } from "./lib/dates.ts";
import { parseOptions } from "./lib/options.ts";
import { commandLine, pidOf, visible } from "./processes.ts";

export const top: Applet = async (io, args) => {
  const options = parseOptions(args, "bHmn:d:");
  const rounds = Number(options.value("n") ?? Number.POSITIVE_INFINITY);
  const delayMs = Number(options.value("d") ?? 5) * 1000;
  const terminal = isTty(io.process, 1);
  for (let round = 0; round < rounds; round++) {
    await io.out(`${terminal && !options.has("b") ? "\x1b[H\x1b[J" : ""}${screen(io)}`);
    if (round + 1 < rounds) await pause(io, delayMs);
  }
  return 0;
};

async function pause(io: AppletIo, delayMs: number): Promise<void> {
  try {
    await io.process.sleepMs(delayMs);
  } catch (error) {
    if (!isErrno(error, "EINTR")) throw error;
  }
}

function screen({ process }: AppletIo): string {
  const { totalBytes, usedBytes } = memoryOf(process);
  const rows = visible(process).map((one) => {
    const user = userName(process, one.credentials.euid) ?? String(one.credentials.euid);
    const parent = one.parent ? pidOf(process, one.parent) : 0;
    return `${String(pidOf(process, one)).padStart(5)} ${String(parent).padStart(5)} ${user.padEnd(8)} ${one.dead ? "Z" : "S"}     1280   0%   0% ${commandLine(one)}\n`;
  });
  return [
    `Mem: ${kib(usedBytes)} used, ${kib(totalBytes - usedBytes)} free, 0K shrd, 0K buff, 0K cached\n`,
    "CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\n",
    `Load average: 0.00 0.00 0.00 1/${rows.length} ${process.pid}\n`,
    "  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND\n",
    ...rows,
  ].join("");
}

export const uptime: Applet = async (io) => {
  const { machine } = io.process;
  const seconds = Math.floor(uptimeSeconds(machine));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const span = `${days > 0 ? `${days} day${days === 1 ? "" : "s"}, ` : ""}${hours > 0 ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, "0")}` : `${minutes} min`}`;
  await io.out(` ${formatDate(machine.now(), "%H:%M:%S")} up ${span},  load average: 0.00, 0.00, 0.00\n`);
  return 0;
};

export const free: Applet = async (io, args) => {
  const options = parseOptions(args, "bkmgh");
  const unit = options.has("b") ? 1 : options.has("m") ? 2 ** 20 : options.has("g") ? 2 ** 30 : 1024;
  const { totalBytes, usedBytes } = memoryOf(io.process);
  const cell = (bytes: number) => String(Math.floor(bytes / unit)).padStart(12);
  const left = totalBytes - usedBytes;
  await io.out(
    `              total        used        free      shared  buff/cache   available\nMem:   ${cell(totalBytes)}${cell(usedBytes)}${cell(left)}${cell(0)}${cell(0)}${cell(left)}\nSwap:  ${cell(0)}${cell(0)}${cell(0)}\n`,
  );
  return 0;
};

function kib(bytes: number): string {
  return `${Math.floor(bytes / 1024)}K`;
}
