import { expect, test } from "vitest";
import { renderTable } from "./table.ts";

test("a figure on the wrong side of its target is marked, one without a target is not judged", () => {
  const table = renderTable([
    { name: "fast", value: 1.234, unit: "ms", target: 5 },
    { name: "big", value: 151, unit: "MB", target: 150 },
    { name: "slow", value: 69.9, unit: "%", floor: 70 },
    { name: "told", value: 3, unit: "calls" },
  ]);
  expect(table.split("\n")).toEqual([
    "name    figure     target  verdict",
    "fast   1.23 ms    <= 5 ms  met",
    "big   151.0 MB  <= 150 MB  MISSED",
    "slow   69.90 %    >= 70 %  MISSED",
    "told   3 calls          -  -",
  ]);
});
