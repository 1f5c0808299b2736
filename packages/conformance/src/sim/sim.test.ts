import { describe, expect, test } from "vitest";
import { simulate, type SimulationOptions } from "./simulation.ts";

const TIMEOUT_MS = 240_000;
/** Small enough for every `npm test`; `npm run sim` does more. */
const SMALL = { steps: 6, pods: 3, faults: true } satisfies Partial<SimulationOptions>;

/** What was violated, with its replay; the digest of the trace when nothing was. */
async function outcome(seed: number, options: Partial<SimulationOptions> = {}): Promise<object> {
  const { violation, digest, recent } = await simulate({ ...SMALL, ...options, seed });
  if (violation === undefined) return { violation: undefined, digest };
  const replay = `npm run sim -- --seed ${seed} --steps ${SMALL.steps} --pods ${SMALL.pods}`;
  return { violation: violation.message, replay, recent: recent.slice(-20) };
}

describe("a simulation", () => {
  test(
    "goes through pods' lives when nothing goes wrong",
    async () => expect(await outcome(1, { faults: false })).toMatchObject({ violation: undefined }),
    TIMEOUT_MS,
  );

  test("takes the same course twice", async () => expect(await outcome(7)).toEqual(await outcome(7)), TIMEOUT_MS);

  test.each([1, 2, 7])(
    "holds its invariants in the storms of seed %i",
    async (seed) => expect(await outcome(seed)).toMatchObject({ violation: undefined }),
    TIMEOUT_MS,
  );
});
