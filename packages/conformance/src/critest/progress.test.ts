import { expect, test } from "vitest";
import { createProgress } from "./progress.ts";

const RULE = "------------------------------";
const OUTPUT = [
  "Will run 3 of 122 specs",
  RULE,
  "[k8s.io] Things works",
  "/go/validate/thing.go:7",
  "  STEP: one @ 11/28/26",
  "• [0.412 seconds]",
  RULE,
  "P [PENDING]",
  RULE,
  "[k8s.io] Things breaks",
  "/go/validate/thing.go:9",
  "• [FAILED] [0.053 seconds]",
  "[k8s.io] Things [It] breaks",
  RULE,
  "[k8s.io] Things is not for here",
  "S [SKIPPED] [0.002 seconds]",
  RULE,
  "",
].join("\n");

const LINES = [
  "   1/3  passed  0.412 s  [k8s.io] Things works",
  "   2/3  failed  0.053 s  [k8s.io] Things breaks",
  "   3/3  skipped  0.002 s  [k8s.io] Things is not for here",
];

test.each([1, 7, OUTPUT.length])("a line for each spec that has ended, whatever the cuts: %i characters", (size) => {
  const lines: string[] = [];
  const progress = createProgress((line) => lines.push(line));
  for (let start = 0; start < OUTPUT.length; start += size) progress(OUTPUT.slice(start, start + size));
  expect(lines).toEqual(LINES);
});
