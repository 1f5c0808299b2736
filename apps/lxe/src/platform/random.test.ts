import { expect, test } from "vitest";
import { createSeededRandom, createSystemRandom } from "./random.ts";

test("the same seed gives the same sequence, another seed another one", () => {
  const first = createSeededRandom(7).hex(64);
  expect(createSeededRandom(7).hex(64)).toBe(first);
  expect(createSeededRandom(8).hex(64)).not.toBe(first);
});

test.each([
  ["system", createSystemRandom()],
  ["seeded", createSeededRandom(1)],
])("the %s source gives the asked number of bytes and digits, and floats below 1", (_name, random) => {
  expect(random.bytes(33)).toHaveLength(33);
  expect(random.hex(7)).toMatch(/^[0-9a-f]{7}$/u);
  const floats = Array.from({ length: 1000 }, () => random.float());
  expect(floats.every((float) => float >= 0 && float < 1)).toBe(true);
  expect(new Set(floats).size).toBeGreaterThan(990);
});
