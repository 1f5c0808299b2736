import { expect, test } from "vitest";
import { isWorthReleasing, type MemoryUse } from "./garbage.ts";

const MIB = 1024 * 1024;
const quiet: MemoryUse = { utilization: 0.01, grownBytes: 80 * MIB, sinceReleaseMs: 10_000 };

test.each<[string, MemoryUse, boolean]>([
  ["quiet after a burst", quiet, true],
  ["in the middle of a burst", { ...quiet, utilization: 0.6 }, false],
  ["quiet, with nothing to give back", { ...quiet, grownBytes: 4 * MIB }, false],
  ["never quiet, but long after the last time", { ...quiet, utilization: 0.2, sinceReleaseMs: 300_000 }, true],
  [
    "never quiet, long after, with nothing to give back",
    { utilization: 0.2, grownBytes: MIB, sinceReleaseMs: 900_000 },
    false,
  ],
])("memory is given back or kept: %s", (_, use, expected) => {
  expect(isWorthReleasing(use)).toBe(expected);
});
