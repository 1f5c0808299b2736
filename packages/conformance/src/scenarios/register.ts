/** Makes vitest tests of the scenarios, for one arm. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Arm, ArmInstance } from "../arms/arm.ts";
import { eventually } from "../support/eventually.ts";
import { leftovers } from "../support/leftovers.ts";
import { logSince, sizeOf } from "../support/log-tail.ts";
import { sweep } from "../support/sweep.ts";
import type { Scenario, Theme } from "./scenario.ts";

declare module "vitest" {
  interface TaskMeta {
    /** What the runtime logged during a scenario that failed. */
    log?: string;
  }
}

const START_TIMEOUT_MS = 120_000;
const SCENARIO_TIMEOUT_MS = 180_000;

/** One instance of the arm for all themes of the call: they run one after the other on it. */
export function registerScenarios(arm: Arm, themes: readonly Theme[]): void {
  let instance: ArmInstance | undefined;
  const running = (): ArmInstance => {
    if (!instance) throw new Error(`the ${arm.name} arm did not start`);
    return instance;
  };
  describe(`on the ${arm.name} arm`, () => {
    beforeAll(async () => {
      instance = await arm.start();
    }, START_TIMEOUT_MS);
    afterAll(() => instance?.close(), START_TIMEOUT_MS);
    for (const { name, scenarios } of themes) {
      describe(name, () => {
        for (const scenario of scenarios) register(scenario, running);
      });
    }
  });
}

function register({ title, run, unfit }: Scenario, running: () => ArmInstance): void {
  test(title, { timeout: SCENARIO_TIMEOUT_MS }, async (context) => {
    const arm = running();
    const reason = unfit(arm);
    if (reason !== undefined) context.skip(reason);
    const logged = await sizeOf(arm.logFile);
    try {
      await run(arm);
      // what stands behind the runtime may be at the end of its work when all is gone already
      await eventually(
        "nothing is left",
        () => leftovers(arm),
        (left) => left.length === 0,
        { timeoutMs: 10_000 },
      );
      expect(await leftovers(arm)).toEqual([]);
    } catch (error) {
      context.task.meta.log = await logSince(arm.logFile, logged);
      await sweep(arm);
      throw error;
    }
  });
}
