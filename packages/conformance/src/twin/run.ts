/** Many sequences, one per seed, a few at a time: those of one lane after one another. */
import { checkSeed, type Finding } from "./check.ts";
import type { Kind } from "./generate.ts";
import { LANES, laneOf } from "./lane.ts";
import type { Twins } from "./twins.ts";

export interface RunOptions {
  /** Of the first sequence; those of the others follow from it. */
  readonly seed: number;
  readonly sequences: number;
  readonly kind: Kind;
  /** No sequence begins after this; undefined: all run. */
  readonly deadline?: number | undefined;
  /** No sequence begins after it is aborted. */
  readonly signal?: AbortSignal;
  readonly shrink: boolean;
  /** Goes on after a finding. */
  readonly keepGoing: boolean;
  readonly onDone?: (done: number, findings: number) => void;
  readonly onFinding?: (finding: Finding) => void;
}

export interface RunResult {
  readonly done: number;
  /** Of these, how many ended early by a fault of the real LXD. */
  readonly cut: number;
  readonly findings: readonly Finding[];
}

/** Neighbours among seeds would give alike sequences. */
const SEED_STEP = 0x9e3779b1;

export function seedOf(first: number, index: number): number {
  return (first + Math.imul(index, SEED_STEP)) >>> 0;
}

export async function runSequences(twins: Twins, options: RunOptions): Promise<RunResult> {
  const findings: Finding[] = [];
  let done = 0;
  let cut = 0;
  const over = () =>
    options.signal?.aborted === true ||
    (findings.length > 0 && !options.keepGoing) ||
    (options.deadline !== undefined && Date.now() > options.deadline);

  async function runLane(lane: number): Promise<void> {
    for (let index = 0; index < options.sequences && !over(); index += 1) {
      const seed = seedOf(options.seed, index);
      if (laneOf(seed) !== lane) continue;
      const { finding, isCut } = await checkSeed(twins, { seed, kind: options.kind, shrink: options.shrink });
      done += 1;
      cut += Number(isCut);
      if (finding) {
        findings.push(finding);
        options.onFinding?.(finding);
      }
      options.onDone?.(done, findings.length);
    }
  }

  await Promise.all(LANES.map((_lane, index) => runLane(index)));
  return { done, cut, findings };
}
