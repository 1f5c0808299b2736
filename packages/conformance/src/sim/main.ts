/** `npm run sim`: lxe, an LXD and a kubelet in one process on virtual time, from one seed; what goes wrong is printed with how to replay it. */
import { randomInt } from "node:crypto";
import { createWriteStream } from "node:fs";
import { parseArgs } from "node:util";
import { simulate, type SimulationResult } from "./simulation.ts";

const USAGE = `usage: npm run sim -- [--seed N] [--steps M] [--minutes T] [--seconds S] [--runs R] [--pods P] [--calm] [--keep-going] [--trace FILE]

  --seed N      of the first run; default: a fresh one. The next run has the next seed.
  --steps M     a run ends after so many pods' lifecycles; default 200
  --minutes T   goes on with new seeds until so many minutes were simulated
  --seconds S   no new seed begins later, in real time
  --runs R      how many seeds; default 1, with --minutes or --seconds as many as it takes
  --pods P      pods at a time; default: chosen by the seed
  --calm        nothing goes wrong
  --keep-going  a violation does not end the next runs
  --trace FILE  writes down what happens`;

const OPTIONS = {
  seed: { type: "string" },
  steps: { type: "string" },
  minutes: { type: "string" },
  seconds: { type: "string" },
  runs: { type: "string" },
  pods: { type: "string" },
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

function report(seed: number, result: SimulationResult, seconds: number, replay: string): void {
  const { pods, minutes, kills, crashes, requests, traceLines, digest, violation } = result;
  const rate = seconds > 0 ? Math.round(pods / seconds) : pods;
  console.log(
    `seed ${seed}: ${pods} pods in ${minutes.toFixed(1)} simulated minutes and ${seconds.toFixed(1)} s (${rate} pods/s), ` +
      `${requests} LXD requests, lxe killed ${kills} times, LXD ${crashes}; trace ${traceLines} lines, ${digest.slice(0, 16)}`,
  );
  if (violation === undefined) return;
  console.log(`\n${result.recent.slice(-SHOWN).join("\n")}\n\nviolation: ${violation.message}\n\nreplay: ${replay}`);
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
  const endsAt = performance.now() + (seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const pods = number(values.pods);
  const trace = values.trace === undefined ? undefined : createWriteStream(values.trace);
  const enough = minutes ?? Number.POSITIVE_INFINITY;
  let simulated = 0;
  let violations = 0;
  for (let run = 0; run < runs && simulated < enough && performance.now() < endsAt; run++) {
    const seed = first + run;
    const started = performance.now();
    const onLine = trace && ((line: string): void => void trace.write(`${line}\n`));
    const result = await simulate({ seed, steps, faults: !values.calm, pods, onLine });
    simulated += result.minutes;
    const options = `--seed ${seed} --steps ${steps}${pods === undefined ? "" : ` --pods ${pods}`}${values.calm ? " --calm" : ""}`;
    report(seed, result, (performance.now() - started) / 1000, `npm run sim -- ${options}`);
    if (result.violation === undefined) continue;
    violations += 1;
    if (!values["keep-going"]) return 1;
  }
  if (runs > 1) console.log(`${simulated.toFixed(0)} simulated minutes, ${violations || "no"} violation(s)`);
  return violations > 0 ? 1 : 0;
}

process.exitCode = await main();
