/** Sequences of the twin test that were seen to agree, so that they go on doing so; `npm run twin` looks for new ones with fresh seeds. */
import { expect, test } from "vitest";
import { realLxdForTwins } from "./real.ts";
import { describeFinding } from "./report.ts";
import { runSequences } from "./run.ts";
import { startTwins } from "./twins.ts";

const RUN_MS = 60_000;
const FIRST_SEED = 1;
const SEQUENCES = 24;

test("fake-lxd answers random calls as LXD does", { timeout: 6 * RUN_MS }, async (context) => {
  await using real = await realLxdForTwins();
  if ("skipped" in real) {
    context.skip(real.skipped);
    return;
  }
  await using twins = await startTwins(real);
  const { done, findings } = await runSequences(twins, {
    seed: FIRST_SEED,
    sequences: SEQUENCES,
    deadline: Date.now() + 4 * RUN_MS,
    shrink: true,
    keepGoing: false,
  });
  expect(findings.map(describeFinding).join("\n\n")).toBe("");
  expect(done).toBe(SEQUENCES);
});
