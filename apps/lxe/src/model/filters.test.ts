import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inChunks, matchesLabels } from "./filters.ts";

describe("a label selector", () => {
  const labels = { app: "web", tier: "front", empty: "" };
  it.each([
    { selector: undefined, matches: true },
    { selector: {}, matches: true },
    { selector: { app: "web" }, matches: true },
    { selector: { app: "web", tier: "front" }, matches: true },
    { selector: { empty: "" }, matches: true },
    { selector: { app: "we" }, matches: false },
    { selector: { app: "web", tier: "back" }, matches: false },
    { selector: { missing: "" }, matches: false },
  ])("$selector matches: $matches", ({ selector, matches }) => {
    expect(matchesLabels(labels, selector)).toBe(matches);
  });
});

describe("chunks", () => {
  it("hold everything once, in order, and none is empty or too long", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), (items, size) => {
        const chunks = [...inChunks(items, size)];
        expect(chunks.flat()).toEqual(items);
        for (const chunk of chunks) {
          expect(chunk.length).toBeGreaterThan(0);
          expect(chunk.length).toBeLessThanOrEqual(size);
        }
      }),
    );
  });
});
