/** A minute of the twin test with a fresh seed, which is printed; `npm run twin` runs more. */
import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { realLxdForTwins } from "./real.ts";
import { describeFinding } from "./report.ts";
import { runSequences } from "./run.ts";
import { startTwins } from "./twins.ts";

const RUN_MS = 60_000;
const SEEDS = 2 ** 32;

test("fake-lxd answers random calls as LXD does", { timeout: 6 * RUN_MS }, async (context) => {
  await using real = await realLxdForTwins();
  if ("skipped" in real) {
    context.skip(real.skipped);
    return;
  }
  await using twins = await startTwins(real);
  const seed = randomInt(SEEDS);
  const { done, findings } = await runSequences(twins, {
    seed,
    sequences: Number.MAX_SAFE_INTEGER,
    deadline: Date.now() + RUN_MS,
    shrink: true,
    keepGoing: false,
  });
  console.log(`twin test: seed ${seed}, ${done} sequences`);
  expect(findings.map(describeFinding).join("\n\n")).toBe("");
  expect(done).toBeGreaterThan(0);
});
