/** One seed, one sequence: generates, runs and shrinks it. */
import fc from "fast-check";
import { type Kind, sequencesOf } from "./generate.ts";
import { LANES, laneOf } from "./lane.ts";
import { type Failure, runSequence } from "./sequence.ts";
import type { Step } from "./step.ts";
import type { Twins } from "./twins.ts";

export interface Finding {
  readonly seed: number;
  readonly kind: Kind;
  readonly path: string;
  readonly steps: readonly Step[];
  /** None: one of the LXDs gave no answer at all. */
  readonly failures: readonly Failure[];
  readonly error: unknown;
}

export interface CheckOptions {
  readonly seed: number;
  readonly kind: Kind;
  /** Of a finding: runs just that one. */
  readonly path?: string | undefined;
  /** False: one run, which goes on to the sequence's end and tells all that differs. */
  readonly shrink: boolean;
}

/** No more than this for making a finding smaller. */
const SHRINK_MS = 120_000;

class Different extends Error {
  readonly failures: readonly Failure[];

  constructor(failures: readonly Failure[]) {
    super("the two LXDs differ");
    this.failures = failures;
  }
}

export interface Checked {
  readonly finding: Finding | undefined;
  /** The sequence ended early: see `Outcome`. */
  readonly isCut: boolean;
}

export async function checkSeed(twins: Twins, options: CheckOptions): Promise<Checked> {
  const { seed, kind, path, shrink } = options;
  const lane = LANES[laneOf(seed)] ?? LANES[0];
  if (lane === undefined) throw new Error("no lanes");
  let isCut = false;
  let running: Promise<unknown> = Promise.resolve();
  const property = fc.asyncProperty(sequencesOf[kind], async (steps) => {
    const outcomes = runSequence(twins, lane, steps, shrink ? "first" : "end");
    running = outcomes;
    const outcome = await outcomes;
    ({ isCut } = outcome);
    if (outcome.failures.length > 0) throw new Different(outcome.failures);
  });
  const run = await fc.check(property, {
    seed,
    numRuns: 1,
    endOnFailure: !shrink || path !== undefined,
    interruptAfterTimeLimit: SHRINK_MS,
    ...(path !== undefined && { path }),
  });
  // one that shrinking left alone when its time was over still has the lane
  await Promise.allSettled([running]);
  if (!run.failed || run.counterexample === null) return { finding: undefined, isCut };
  const error: unknown = run.errorInstance;
  const finding = {
    seed,
    kind,
    path: run.counterexamplePath ?? "0",
    steps: run.counterexample[0],
    failures: error instanceof Different ? error.failures : [],
    error,
  };
  return { finding, isCut: false };
}
