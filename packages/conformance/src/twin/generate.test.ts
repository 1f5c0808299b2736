import fc from "fast-check";
import { expect, test } from "vitest";
import { sequencesOf } from "./generate.ts";

test("one seed makes one sequence", () => {
  const [one] = fc.sample(sequencesOf.all, { seed: 7, numRuns: 1 });
  const [again] = fc.sample(sequencesOf.all, { seed: 7, numRuns: 1 });
  expect(again).toEqual(one);
});

test("sequences are plain data, so that they can be pasted", () => {
  fc.assert(
    fc.property(sequencesOf.all, (steps) => {
      expect(JSON.parse(JSON.stringify(steps))).toEqual(steps);
    }),
  );
});

test("usual sequences hold no wrong value", () => {
  fc.assert(
    fc.property(sequencesOf.usual, (steps) => {
      const unconditional = steps.map((step) => ({ ...step, ifMatch: undefined }));
      expect(JSON.stringify(unconditional)).not.toMatch(/bogus|nonsense|nobridge0|-bad/);
    }),
  );
});
