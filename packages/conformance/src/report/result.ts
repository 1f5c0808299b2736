/** What a run of the scenarios found, as `report.json` has it. */

export interface Outcome {
  readonly theme: string;
  readonly title: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly ms: number;
  /** Why it was skipped. */
  readonly reason?: string;
  /** Of what passed: those of the first try. */
  readonly errors?: readonly string[];
  /** What the runtime logged meanwhile; of tries that failed. */
  readonly log?: string;
}

export interface ArmResult {
  readonly arm: string;
  /** Why the arm was not tried, or could not start. */
  readonly reason?: string;
  /** Whether the reason is a failure. */
  readonly broken?: boolean;
  readonly ms: number;
  readonly outcomes: readonly Outcome[];
}

export interface Report {
  /** ISO 8601. */
  readonly startedAt: string;
  /** What was tried: the commit, and the machine. */
  readonly subject: string;
  readonly arms: readonly ArmResult[];
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function countOf({ outcomes, broken }: ArmResult): Counts {
  const count = (state: Outcome["state"]): number => outcomes.filter((outcome) => outcome.state === state).length;
  return { passed: count("passed"), failed: count("failed") + (broken ? 1 : 0), skipped: count("skipped") };
}

/** Passed, but not at once. */
export const isSecondTry = ({ state, errors = [] }: Outcome): boolean => state === "passed" && errors.length > 0;

export const hasFailed = ({ arms }: Report): boolean => arms.some((arm) => countOf(arm).failed > 0);
