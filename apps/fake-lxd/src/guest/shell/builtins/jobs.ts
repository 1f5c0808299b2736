/** jobs wait kill fg bg */
import { Errno, isErrno } from "../../core/errno.ts";
import type { ExitStatus } from "../../core/process.ts";
import { SIGCONT, SIGTERM, signalName, signalNumber } from "../../core/signals.ts";
import { writeFd } from "../../sys/io.ts";
import { exitCode, kill as killProcess, waitFor } from "../../sys/processes.ts";
import { reportDeath } from "../children.ts";
import { type Job, jobDone, jobLine, jobStatus } from "../jobs.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "../shell.ts";

export const jobs: Builtin = async (shell, args) => {
  for (const job of shell.jobs.list().toReversed()) {
    const shown = args.includes("-p") ? `${job.processes[0]?.pid ?? 0}\n` : jobLine(job, shell.jobs.list());
    await writeFd(shell.process, 1, shown);
    if (jobDone(job)) forget(shell, job);
  }
  return 0;
};

function forget(shell: Shell, job: Job): void {
  for (const process of job.processes) if (process.dead) process.reap();
  shell.jobs.remove(job);
}

/** Waits for all jobs, or those named. A trapped signal ends it with 128 and the signal's number. */
export const wait: Builtin = async (shell, args) => {
  if (args.length === 0) {
    for (const job of shell.jobs.list().slice()) {
      const status = await waitForJob(shell, job);
      if (status === null) return interrupted(shell);
    }
    return 0;
  }
  let code = 0;
  for (const text of args) {
    const job = text.startsWith("%") ? shell.jobs.ofText(text) : shell.jobs.ofPid(Number(text));
    if (!job) {
      if (!/^%|^\d+$/.test(text)) await shell.error(`Illegal number: ${text}`);
      code = /^%|^\d+$/.test(text) ? 127 : 2;
      continue;
    }
    const status = await waitForJob(shell, job);
    if (status === null) return interrupted(shell);
    code = exitCode(status);
  }
  return code;
};

function interrupted(shell: Shell): number {
  return 128 + (shell.traps.nextPending ?? 0);
}

/** Null when a signal with a trap came first. */
async function waitForJob(shell: Shell, job: Job): Promise<ExitStatus | null> {
  for (const process of job.processes) {
    try {
      if (shell.traps.pending) return null;
      if (process.dead) process.reap();
      else await waitFor(shell.process, (child) => child === process);
    } catch (error) {
      if (isErrno(error, "EINTR")) {
        if (shell.traps.pending) return null;
      } else if (!isErrno(error, "ECHILD")) throw error;
    }
    if (process.status) job.statuses.set(process, process.status);
    if (!process.dead) return waitForJob(shell, job);
  }
  shell.jobs.remove(job);
  await reportDeath(shell, jobStatus(job));
  return jobStatus(job);
}

export const kill: Builtin = async (shell, args) => {
  if (args[0] === "-l") return list(shell, args.slice(1));
  const [signal, targets] = parseKill(args);
  if (signal === undefined) {
    await shell.error(`bad signal name '${args[0]?.replace(/^-/, "") ?? ""}'`);
    return 1;
  }
  if (targets.length === 0) {
    await shell.error("you need to specify whom to kill");
    return 1;
  }
  let status = 0;
  for (const target of targets) if (!(await killOne(shell, target, signal))) status = 1;
  return status;
};

function parseKill(args: string[]): [signal: number | undefined, targets: string[]] {
  const [first = "", second = "", ...rest] = args;
  if (first === "-s" || first === "-n") return [signalNumber(second), rest[0] === "--" ? rest.slice(1) : rest];
  if (first === "--") return [SIGTERM, args.slice(1)];
  if (first.startsWith("-") && first.length > 1) {
    const targets = args.slice(1);
    return [signalNumber(first.slice(1)), targets[0] === "--" ? targets.slice(1) : targets];
  }
  return [SIGTERM, args];
}

async function killOne(shell: Shell, target: string, signal: number): Promise<boolean> {
  const job = target.startsWith("%") ? shell.jobs.ofText(target) : undefined;
  try {
    if (job) {
      for (const process of job.processes) process.signal(signal, shell.process);
    } else {
      if (!/^-?\d+$/.test(target)) throw new Errno("EINVAL");
      killProcess(shell.process, Number(target), signal);
    }
    return true;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const message = error.code === "EINVAL" ? `invalid number '${target}'` : `can't kill pid ${target}: ${error.text}`;
    await shell.error(message);
    return false;
  }
}

async function list(shell: Shell, args: string[]): Promise<number> {
  if (args.length === 0) {
    const rows = Array.from(
      { length: 31 },
      (_, index) => `${String(index + 1).padStart(2)}) ${signalName(index + 1)}\n`,
    );
    await writeFd(shell.process, 1, rows.join(""));
  }
  for (const text of args) {
    const number = signalNumber(text);
    const shown = number === undefined ? "" : /^\d+$/.test(text) ? signalName(number & 127) : String(number);
    await writeFd(shell.process, 1, `${shown}\n`);
  }
  return 0;
}

export const fg: Builtin = async (shell, args) => {
  const job = shell.jobs.ofText(args[0] ?? "%+");
  if (!job) {
    await shell.error("fg: No current job");
    return 2;
  }
  await writeFd(shell.process, 1, `${job.text}\n`);
  for (const process of job.processes) process.signal(SIGCONT, shell.process);
  const status = await waitForJob(shell, job);
  return status === null ? interrupted(shell) : exitCode(status);
};

export const bg: Builtin = async (shell, args) => {
  const job = shell.jobs.ofText(args[0] ?? "%+");
  if (!job) {
    await shell.error("bg: No current job");
    return 2;
  }
  for (const process of job.processes) process.signal(SIGCONT, shell.process);
  return 0;
};
