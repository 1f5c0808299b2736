import { resolve } from "node:path";
import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

test("focus and skip may be given more than once, critest's own flags stand behind --", () => {
  const options = parseOptions([
    "--arm",
    "host",
    "--focus",
    "Image",
    "--focus=Pod",
    "--skip",
    "x",
    "--out",
    "/somewhere",
    "--",
    "-parallel",
    "2",
  ]);
  expect(options).toEqual({
    arm: "host",
    focus: ["Image", "Pod"],
    skip: ["x"],
    out: "/somewhere",
    flags: ["-parallel", "2"],
  });
  expect(parseOptions([])).toEqual({
    arm: "fake",
    focus: [],
    skip: [],
    out: resolve("reports/critest/fake"),
    flags: [],
  });
});

test("streams go over WebSocket by a flag, beside others", () => {
  const { flags, out } = parseOptions(["--websocket", "--", "-parallel"]);
  expect(flags).toEqual(["-websocket-exec", "-websocket-attach", "-websocket-portforward", "-parallel"]);
  expect(out).toMatch(/fake-websocket$/);
});

test("an unknown arm or flag is an error that names it", () => {
  expect(() => parseOptions(["--arm", "moon"])).toThrow(/fake or host, not "moon"/);
  expect(() => parseOptions(["--fokus", "Image"])).toThrow(/--fokus/);
});
