import { randomInt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { simulate, type SimulationOptions } from "./simulation.ts";

const TIMEOUT_MS = 240_000;
/** Small enough for every `npm test`; `npm run sim` does more. */
const SMALL = { steps: 6, pods: 3, faults: true } satisfies Partial<SimulationOptions>;
const FRESH = randomInt(2 ** 31);

/** Lifecycles, and little between them. */
const BRIEF = { steps: 30, pods: 10, lives: "brief" } satisfies Partial<SimulationOptions>;

/** What was violated, with its replay; nothing when all held. */
async function outcome(seed: number, options: Partial<SimulationOptions> = {}): Promise<object> {
  const { violation, recent } = await simulate({ ...SMALL, ...options, seed });
  if (violation === undefined) return { violation: undefined };
  const { steps, pods, lives } = { ...SMALL, lives: "usual", ...options };
  const replay = `npm run sim -- --seed ${seed} --steps ${steps} --pods ${pods}${lives === "brief" ? " --brief" : ""}`;
  return { violation: violation.message, replay, recent: recent.slice(-20) };
}

async function traceOf(seed: number): Promise<string> {
  const lines: string[] = [];
  await simulate({ ...SMALL, seed, onLine: (line) => lines.push(line) });
  return lines.join("\n");
}

describe("a simulation", () => {
  test(
    "goes through pods' lives when nothing goes wrong",
    async () => expect(await outcome(1, { faults: false })).toEqual({ violation: undefined }),
    TIMEOUT_MS,
  );

  test.each([7, 23, FRESH])(
    "takes the same course twice, byte for byte, from seed %i",
    async (seed) => {
      const once = await traceOf(seed);
      expect(once.length).toBeGreaterThan(1000);
      expect(await traceOf(seed)).toBe(once);
    },
    TIMEOUT_MS,
  );

  test.each([1, 2, FRESH + 1, FRESH + 2])(
    "holds its invariants in the storms of seed %i",
    async (seed) => expect(await outcome(seed)).toEqual({ violation: undefined }),
    TIMEOUT_MS,
  );

  test.each([3, FRESH + 3])(
    "holds them when pods come and go all the time, from seed %i",
    async (seed) => expect(await outcome(seed, BRIEF)).toEqual({ violation: undefined }),
    TIMEOUT_MS,
  );

  test(
    "lets brief pods go only after they have run",
    async () => {
      const { pods, ran } = await simulate({ ...SMALL, ...BRIEF, seed: 4, faults: false });
      expect(pods).toBeGreaterThanOrEqual(BRIEF.steps);
      expect(ran).toBe(pods);
    },
    TIMEOUT_MS,
  );
});
