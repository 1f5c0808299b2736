import fc from "fast-check";
import { expect, test } from "vitest";
import { Backoff } from "./backoff.ts";

test("delays stay between half the first and the largest, and start over after a reset", () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.array(chance, { minLength: 1, maxLength: 30 }), (chances) => {
      let index = 0;
      const backoff = new Backoff(100, 5_000, () => chances[index++ % chances.length] ?? 0);
      for (let attempt = 0; attempt < 30; attempt++) {
        const delayMs = backoff.nextMs();
        expect(delayMs).toBeGreaterThanOrEqual(50);
        expect(delayMs).toBeLessThanOrEqual(5_000);
      }
      backoff.reset();
      expect(backoff.nextMs()).toBeLessThanOrEqual(100);
    }),
  );
});
