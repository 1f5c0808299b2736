import { describe, expect, it } from "vitest";
import { compileFilter } from "./filter.ts";

const instance = { name: "web1", status: "Running", ephemeral: false, config: { "user.a.b/c": "x", "user.n": "1" } };

describe("filters", () => {
  it.each([
    ["name eq web1", true],
    ["name eq WEB1", true],
    ["name eq web.", true],
    ["name ne web1", false],
    ["not name eq web2", true],
    ["name eq web2 or status eq running", true],
    ["name eq web1 and status eq stopped", false],
    ["config.user.a.b/c eq x", true],
    ['status eq "Running"', true],
    ["ephemeral eq false", false],
    ["config.user.none eq x", false],
    ["name weird web1", false],
    ["", true],
  ])("%s: %s", (text, expected) => expect(compileFilter(text)(instance)).toBe(expected));

  it.each([
    ["name", "Invalid filter: clause has no operator"],
    ["name eq", "Invalid filter: clause has no value"],
    ["name eq x and", "Invalid filter: unterminated compound clause"],
  ])("%s is refused", (text, message) => expect(() => compileFilter(text)).toThrow(message));
});
