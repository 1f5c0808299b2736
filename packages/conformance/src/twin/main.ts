/** `npm run twin`: random API calls on fake-lxd and on a real LXD in lockstep; a difference is a failure. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { checkSeed, type Finding } from "./check.ts";
import type { Kind } from "./generate.ts";
import { realLxdForTwins } from "./real.ts";
import { describeFinding } from "./report.ts";
import { runSequences } from "./run.ts";
import { startTwins, type Twins } from "./twins.ts";

const USAGE = `usage: npm run twin -- [--seed N] [--path P] [--sequences N] [--minutes T] [--usual] [--keep-going] [--no-shrink]
                            [--required]

  --seed N        of the first sequence; default: a fresh one
  --path P        with a seed: only the sequence that a failure printed
  --sequences N   how many; default 1000
  --minutes T     no sequence begins later
  --usual         only steps that a client would send: without wrong values
  --keep-going    goes on after a difference
  --no-shrink     prints sequences as they were found
  --required      an LXD that cannot be had is a failure

LXE_TEST_LXD_SOCKET names the real LXD; without it one is started and removed.`;

const OPTIONS = {
  seed: { type: "string" },
  path: { type: "string" },
  sequences: { type: "string" },
  minutes: { type: "string" },
  usual: { type: "boolean", default: false },
  required: { type: "boolean", default: false },
  "keep-going": { type: "boolean", default: false },
  "no-shrink": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

const SEEDS = 2 ** 32;
const MINUTE_MS = 60_000;

function number(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`not a number: ${text}`);
  return value;
}

function printFinding(finding: Finding): void {
  console.log(`\n${describeFinding(finding)}\n`);
}

async function replay(twins: Twins, seed: number, kind: Kind, path: string): Promise<number> {
  const { finding } = await checkSeed(twins, { seed, kind, path, shrink: false });
  if (finding) printFinding(finding);
  else console.log("no difference");
  return finding ? 1 : 0;
}

/** The first Ctrl-C ends the run after the sequences that are under way, and cleans up. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

async function many(twins: Twins, seed: number, kind: Kind, values: Values): Promise<number> {
  console.log(`twin: seed ${seed}, ${kind} steps`);
  const sequences = number(values.sequences, 1000);
  const started = Date.now();
  const progress = (done: number, found: number): void => {
    const seconds = Math.round((Date.now() - started) / 1000);
    const line = `twin: seed ${seed}: ${done}/${sequences} sequences, ${found} different, ${seconds} s`;
    if (process.stderr.isTTY) process.stderr.write(`\r${line}`);
    else if (done % 25 === 0) process.stderr.write(`${line}\n`);
  };
  const { done, cut, findings } = await runSequences(twins, {
    seed,
    kind,
    sequences,
    deadline: values.minutes === undefined ? undefined : started + number(values.minutes, 0) * MINUTE_MS,
    shrink: !values["no-shrink"],
    signal: interrupted(),
    keepGoing: values["keep-going"],
    onDone: progress,
    onFinding: printFinding,
  });
  const seconds = Math.round((Date.now() - started) / 1000);
  const early = cut === 0 ? "" : `, ${cut} ended early by a fault of LXD's`;
  console.log(`\nseed ${seed}: ${done} sequences in ${seconds} s, ${findings.length} with a difference${early}`);
  return findings.length > 0 ? 1 : 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const seed = number(values.seed, randomInt(SEEDS));
  await using real = await realLxdForTwins();
  if ("skipped" in real) {
    console.error(`${values.required ? "not possible" : "skipped"}: the twin test: ${real.skipped}`);
    return values.required ? 1 : 0;
  }
  await using twins = await startTwins(real);
  const kind = values.usual ? "usual" : "all";
  if (values.path !== undefined) return await replay(twins, seed, kind, values.path);
  return await many(twins, seed, kind, values);
}

process.exitCode = await main();
