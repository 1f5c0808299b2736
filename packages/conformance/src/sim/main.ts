/**
 * `npm run sim`: lxe, an LXD and a kubelet in one process on virtual time, from one seed; what goes wrong is printed with how to replay it.
 * Many seeds are shared out among processes.
 */
import { randomInt } from "node:crypto";
import { createWriteStream } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type Job, type JobResult, type JobsOptions, runJobs } from "./jobs.ts";

const USAGE = `usage: npm run sim -- [--seed N] [--steps M] [--minutes T] [--seconds S] [--runs R] [--jobs J] [--pods P] [--brief] [--calm] [--keep-going] [--trace FILE]

  --seed N      of the first run; default: a fresh one. The next run has the next seed.
  --steps M     a run ends after so many pods' lifecycles; default 200
  --minutes T   goes on with new seeds until so many minutes were simulated
  --seconds S   no new seed begins later, in real time
  --runs R      how many seeds; default 1, with --minutes or --seconds as many as it takes
  --jobs J      seeds at a time, each in a process of its own; default: the number of processors
  --pods P      pods at a time; default: chosen by the seed
  --brief       pods live for moments: nearly all of the work is lifecycles
  --calm        nothing goes wrong
  --keep-going  a violation does not end the next runs
  --trace FILE  writes down what happens, of one seed after the other`;

const OPTIONS = {
  seed: { type: "string" },
  steps: { type: "string" },
  minutes: { type: "string" },
  seconds: { type: "string" },
  runs: { type: "string" },
  jobs: { type: "string" },
  pods: { type: "string" },
  brief: { type: "boolean", default: false },
  calm: { type: "boolean", default: false },
  "keep-going": { type: "boolean", default: false },
  trace: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

const SEEDS = 2 ** 31;
const STEPS = 200;
const SHOWN = 40;

function number(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`not a number: ${text}`);
  return value;
}

function report({ seed }: Job, result: JobResult, replay: string): void {
  const { pods, ran, minutes, kills, crashes, requests, traceLines, digest, violation, seconds } = result;
  console.log(
    `seed ${seed}: ${pods} pods, ${ran} of them ran, in ${minutes.toFixed(1)} simulated minutes and ${seconds.toFixed(1)} s (${rateOf(ran, seconds)} pods/s), ` +
      `${requests} LXD requests, lxe killed ${kills} times, LXD ${crashes}; trace ${traceLines} lines, ${digest.slice(0, 16)}`,
  );
  if (violation === undefined) return;
  console.log(`\n${result.recent.slice(-SHOWN).join("\n")}\n\nviolation: ${violation.message}\n\nreplay: ${replay}`);
}

function rateOf(pods: number, seconds: number): number {
  return Math.round(pods / Math.max(seconds, 0.001));
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const first = number(values.seed) ?? randomInt(SEEDS);
  const minutes = number(values.minutes);
  const steps = number(values.steps) ?? STEPS;
  const seconds = number(values.seconds);
  const isOpen = minutes !== undefined || seconds !== undefined;
  const runs = number(values.runs) ?? (isOpen ? Number.POSITIVE_INFINITY : 1);
  const began = performance.now();
  const elapsedS = (): number => (performance.now() - began) / 1000;
  const pods = number(values.pods);
  const sum = { begun: 0, pods: 0, ran: 0, minutes: 0, violations: 0 };

  const next = (): Job | undefined => {
    const isEnough =
      sum.minutes >= (minutes ?? Number.POSITIVE_INFINITY) || elapsedS() >= (seconds ?? Number.POSITIVE_INFINITY);
    if (isEnough || sum.begun >= runs) return undefined;
    return { seed: first + sum.begun++, steps, faults: !values.calm, pods, lives: values.brief ? "brief" : "usual" };
  };
  const onResult = (job: Job, result: JobResult): boolean => {
    sum.minutes += result.minutes;
    sum.pods += result.pods;
    sum.ran += result.ran;
    const options = `--seed ${job.seed} --steps ${steps}${pods === undefined ? "" : ` --pods ${pods}`}${values.brief ? " --brief" : ""}${values.calm ? " --calm" : ""}`;
    report(job, result, `npm run sim -- ${options}`);
    if (result.violation === undefined) return true;
    sum.violations += 1;
    return values["keep-going"];
  };

  const processes = Math.min(number(values.jobs) ?? availableParallelism(), runs);
  if (processes > 1 && values.trace === undefined) await runJobs({ processes, next, onResult });
  else await runHere({ next, onResult, trace: values.trace });
  if (runs > 1) {
    const rate = rateOf(sum.ran, elapsedS());
    console.log(
      `${sum.pods} pods, ${sum.ran} of them ran, ${sum.minutes.toFixed(0)} simulated minutes, ${rate} pods/s, ${sum.violations || "no"} violation(s)`,
    );
  }
  return sum.violations > 0 ? 1 : 0;
}

async function runHere({ next, onResult, trace }: HereOptions): Promise<void> {
  const { runJob } = await import("./run-job.ts");
  const file = trace === undefined ? undefined : createWriteStream(trace);
  const onLine = file && ((line: string): void => void file.write(`${line}\n`));
  for (let job = next(); job !== undefined; job = next()) if (!onResult(job, await runJob(job, onLine))) break;
  file?.end();
}

interface HereOptions extends Pick<JobsOptions, "next" | "onResult"> {
  readonly trace: string | undefined;
}

process.exitCode = await main();
