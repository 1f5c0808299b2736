/** What a scenario is: a title that says the outcome, and a body that knows a CRI endpoint and no more. */
import type { ArmInstance } from "../arms/arm.ts";

export interface Scenario {
  readonly title: string;
  /** Rejects when the outcome is another one. Leaves nothing behind. */
  readonly run: (arm: ArmInstance) => Promise<void>;
  /** Why the scenario cannot be tried on this arm; undefined: it can. */
  readonly unfit: (arm: ArmInstance) => string | undefined;
}

export interface Theme {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
}

export function scenario(title: string, run: Scenario["run"], unfit: Scenario["unfit"] = () => undefined): Scenario {
  return { title, run, unfit };
}
