import fc from "fast-check";
import { expect, test } from "vitest";
import { sequences } from "./generate.ts";

test("one seed makes one sequence", () => {
  const [one] = fc.sample(sequences, { seed: 7, numRuns: 1 });
  const [again] = fc.sample(sequences, { seed: 7, numRuns: 1 });
  expect(again).toEqual(one);
});

test("sequences are plain data, so that they can be pasted", () => {
  fc.assert(
    fc.property(sequences, (steps) => {
      expect(JSON.parse(JSON.stringify(steps))).toEqual(steps);
    }),
  );
});
