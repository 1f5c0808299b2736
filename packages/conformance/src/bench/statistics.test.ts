import { expect, test } from "vitest";
import { median, quantile } from "./statistics.ts";

test("the median is a value of the list that half of them do not exceed", () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2);
});

test("a quantile near one is the greatest value but a few", () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(quantile(values, 0.99)).toBe(99);
  expect(quantile(values, 1)).toBe(100);
});

test("of nothing measured all quantiles are zero", () => {
  expect(quantile([], 0.99)).toBe(0);
});
