/** What a benchmark tells: figures, each with the bound it should keep, and lines that explain them. */

/** Undefined where a figure is only told, not judged. */
export type Verdict = "met" | "MISSED";

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** The value should not be above it. */
  readonly target?: number;
  /** The value should not be below it. */
  readonly floor?: number;
}

export type Unit = "ms" | "%" | "MB" | "MB/s" | "calls" | "containers";

export interface Result {
  readonly figures: readonly Figure[];
  /** Printed below the table. */
  readonly notes: readonly string[];
}

/** Where something cannot run on this machine: why. */
export interface Skipped {
  readonly skipped: string;
}

export interface BenchOptions {
  /** Fewer rounds: figures to see that it works, not to judge by. */
  readonly quick: boolean;
  /** The bundled `lxe`, as it ships. */
  readonly program: string;
  /** Told of what takes long, as it is done. */
  readonly progress: Progress;
}

export type Progress = (what: string) => void;

export interface Bench {
  readonly name: string;
  run(options: BenchOptions): Promise<Result | Skipped>;
}

export function verdictOf({ value, target, floor }: Figure): Verdict | undefined {
  if (target === undefined && floor === undefined) return undefined;
  return value <= (target ?? Infinity) && value >= (floor ?? -Infinity) ? "met" : "MISSED";
}
