/** Background jobs of a shell. */
import type { ExitStatus, Process } from "../core/process.ts";
import { signalText } from "../core/signals.ts";

export interface Job {
  readonly number: number;
  /** The members of its pipeline; the last one's status is the job's. */
  readonly processes: readonly Process[];
  readonly text: string;
  readonly statuses: Map<Process, ExitStatus>;
}

export class Jobs {
  readonly #jobs: Job[] = [];

  add(processes: Process[], text: string): Job {
    const number = (this.#jobs.at(-1)?.number ?? 0) + 1;
    const job: Job = { number, processes, text, statuses: new Map() };
    this.#jobs.push(job);
    return job;
  }

  list(): readonly Job[] {
    return this.#jobs;
  }

  remove(job: Job): void {
    const index = this.#jobs.indexOf(job);
    if (index >= 0) this.#jobs.splice(index, 1);
  }

  ofPid(pid: number): Job | undefined {
    return this.#jobs.find((job) => job.processes.some((process) => process.pid === pid));
  }

  /** `%1`, `%%`, `%+`, `%-`, `%name` */
  ofText(text: string): Job | undefined {
    const what = text.slice(1);
    if (what === "" || what === "%" || what === "+") return this.#jobs.at(-1);
    if (what === "-") return this.#jobs.at(-2) ?? this.#jobs.at(-1);
    if (/^\d+$/.test(what)) return this.#jobs.find(({ number }) => number === Number(what));
    return this.#jobs.find((job) => job.text.startsWith(what));
  }
}

export function jobDone(job: Job): boolean {
  return job.processes.every((process) => process.dead);
}

export function jobStatus(job: Job): ExitStatus {
  const last = job.processes.at(-1);
  return (last && (job.statuses.get(last) ?? last.status)) ?? { code: 0 };
}

export function jobLine(job: Job, jobs: readonly Job[]): string {
  const mark = job === jobs.at(-1) ? "+" : job === jobs.at(-2) ? "-" : " ";
  return `[${job.number}]${mark}  ${stateText(job).padEnd(27)}${job.text}\n`;
}

function stateText(job: Job): string {
  if (!jobDone(job)) return job.processes.some(({ stopped }) => stopped) ? "Stopped" : "Running";
  const status = jobStatus(job);
  if ("signal" in status) return signalText(status.signal);
  return status.code === 0 ? "Done" : `Done(${status.code})`;
}
