/**
 * Simulations in several processes at once. Each process runs one seed after the other, so that code that has become fast stays so; one
 * that has grown too large is replaced. Which process runs a seed makes no difference to its course.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SimulationOptions, SimulationResult } from "./simulation.ts";

export type Job = Pick<SimulationOptions, "seed" | "steps" | "faults" | "pods" | "lives">;

/** Of a result, what can be sent and is wanted. */
export interface JobResult extends Omit<SimulationResult, "violation" | "calls"> {
  readonly violation: { readonly message: string } | undefined;
  /** Real time. */
  readonly seconds: number;
  /** Resident memory of the process afterwards. */
  readonly rssBytes: number;
}

/** Well above what the heap's first limit, in the package's script, lets a process grow to: a new one is slow for a minute. */
const RSS_BYTES_MAX = 2 * 1024 ** 3;
const PROGRAM = new URL("./job.ts", import.meta.url);
/** Code that is compiled, of one process for the next ones. */
const COMPILED = fileURLToPath(new URL("../../../../node_modules/.cache/simulation", import.meta.url));

export interface JobsOptions {
  readonly processes: number;
  /** The next one to begin; undefined: no more. */
  readonly next: () => Job | undefined;
  /** False: enough, the others are not waited for. */
  readonly onResult: (job: Job, result: JobResult) => boolean;
}

export async function runJobs({ processes, next, onResult }: JobsOptions): Promise<void> {
  const running = new Set<ChildProcess>();
  let isEnough = false;
  const start = (): ChildProcess => {
    const env = { ...process.env, NODE_COMPILE_CACHE: COMPILED };
    const child = fork(PROGRAM, { execArgv: process.execArgv, env, serialization: "advanced" });
    running.add(child);
    return child;
  };
  const end = (child: ChildProcess): void => {
    running.delete(child);
    child.kill("SIGKILL");
  };
  const lane = async (): Promise<void> => {
    let child = start();
    for (let job = next(); job !== undefined && !isEnough; job = next()) {
      const result = await resultOf(child, job);
      if (isEnough || result === undefined) return;
      if (!onResult(job, result)) {
        isEnough = true;
        for (const one of running) end(one);
        return;
      }
      if (result.rssBytes < RSS_BYTES_MAX) continue;
      end(child);
      child = start();
    }
    end(child);
  };
  await Promise.all(Array.from({ length: processes }, lane));
}

/** Undefined: the process was ended by us. */
async function resultOf(child: ChildProcess, job: Job): Promise<JobResult | undefined> {
  const ended = new AbortController();
  try {
    child.send(job);
    const exit = once(child, "exit", { signal: ended.signal }).then(([code, signal]) => {
      if (child.killed) return undefined;
      throw new Error(`the process that simulated seed ${job.seed} ended: ${signal ?? code}`);
    });
    const message = once(child, "message", { signal: ended.signal }).then(([result]) => result as JobResult);
    return await Promise.race([message, exit]);
  } finally {
    ended.abort();
  }
}
