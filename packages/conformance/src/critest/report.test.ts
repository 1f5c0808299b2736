import { describe, expect, test } from "vitest";
import { type GinkgoSpec, isPassed, printScoreboard, scoreboardOf } from "./report.ts";

const spec = (LeafNodeText: string, State: string, more: Partial<GinkgoSpec> = {}): GinkgoSpec => ({
  ContainerHierarchyTexts: ["[k8s.io] Things", "a thing"],
  LeafNodeText,
  LeafNodeType: "It",
  State,
  RunTime: 1,
  ...more,
});
const because = (Message: string): Partial<GinkgoSpec> => ({
  Failure: { Message, Location: { FileName: "/go/validate/thing.go", LineNumber: 7 } },
});
const boardOf = (...SpecReports: GinkgoSpec[]) => scoreboardOf([{ SpecReports }]);

describe("the scoreboard", () => {
  test("names what failed and what skipped itself, with the reasons, and leaves out what was not in focus", () => {
    const board = boardOf(
      spec("works", "passed"),
      spec("breaks", "failed", because("it broke")),
      spec("is not for here", "skipped", because("no such kernel")),
      spec("is not in focus", "skipped"),
    );
    expect(printScoreboard(board)).toBe(
      [
        "skipped  [k8s.io] Things a thing is not for here",
        "    no such kernel (thing.go:7)",
        "FAILED  [k8s.io] Things a thing breaks",
        "    it broke (thing.go:7)",
        "1 passed, 1 failed, 1 skipped of 3 specs",
        "",
      ].join("\n"),
    );
  });

  test("says why a spec cannot be passed", () => {
    const board = boardOf(
      spec("public image with digest should be pulled and removed", "failed", because("not found")),
    );
    expect(printScoreboard(board)).toContain("failed (no runtime can pass it here: its image cannot be rebuilt");
  });

  test("is passed when all that failed is what nobody can pass", () => {
    const impossible = spec("public image with digest should be pulled and removed", "failed", because("not found"));
    expect(isPassed(boardOf(spec("works", "passed"), impossible))).toBe(true);
    expect(isPassed(boardOf(spec("works", "passed"), impossible, spec("breaks", "failed")))).toBe(false);
  });

  test.each(["panicked", "timedout", "interrupted", "aborted"])("counts a spec that was %s as failed", (state) => {
    expect(isPassed(boardOf(spec("works", "passed"), spec("breaks", state)))).toBe(false);
  });

  test("is not passed where nothing was run, or what comes before all specs failed", () => {
    expect(isPassed(boardOf())).toBe(false);
    expect(isPassed(boardOf(spec("is not in focus", "skipped")))).toBe(false);
    expect(isPassed(boardOf(spec("is not for here", "skipped", because("no such kernel"))))).toBe(false);
    const before = spec("", "failed", { LeafNodeType: "SynchronizedBeforeSuite", ...because("no runtime") });
    expect(isPassed(boardOf(spec("works", "passed"), before))).toBe(false);
    const passed = boardOf(spec("works", "passed"));
    expect(isPassed({ ...passed, problems: ["a node disappeared"] })).toBe(false);
  });
});
