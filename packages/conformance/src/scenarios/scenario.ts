/** What a scenario is: a title that says the outcome, and a body that knows a CRI endpoint and no more. */
import type { ArmInstance, LxdParts } from "../arms/arm.ts";

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

/** One that looks at the LXD behind lxe, or asks for what only lxe does; `why` tells what the reference cannot do. */
export function lxeScenario(
  title: string,
  why: string,
  run: (arm: ArmInstance, lxd: LxdParts) => Promise<void>,
  unfit: Scenario["unfit"] = () => undefined,
): Scenario {
  return scenario(
    title,
    async (arm) => {
      if (!arm.lxd) throw new Error("no LXD stands behind this arm");
      await run(arm, arm.lxd);
    },
    (arm) => (arm.lxd ? unfit(arm) : `lxe only: ${why}`),
  );
}
