import { expect, test } from "vitest";
import { ARM_NAMES, optionsOf } from "./options.ts";

test("arms come in their own order, once each, by name, in lists, or all", () => {
  expect(optionsOf(["--arm", "host,fake", "--arm", "fake"])).toMatchObject({ arms: ["fake", "host"] });
  expect(optionsOf(["--arm", "all"])).toMatchObject({ arms: ARM_NAMES });
});

test("what is missing or unknown is told", () => {
  expect(optionsOf([])).toBe("which arm?");
  expect(optionsOf(["--arm", "docker"])).toContain('"docker"');
  expect(optionsOf(["--arm", "fake", "--gerp", "x"])).toContain("--gerp");
});
