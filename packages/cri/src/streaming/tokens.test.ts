import { describe, expect, it } from "vitest";
import { ResourceExhaustedError } from "../errors.ts";
import { systemRandom } from "./clock.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { Tokens } from "./tokens.ts";

describe("a token", () => {
  it("is eight characters that fit a URL, and never the same", () => {
    const tokens = new Tokens<number>(new ManualClock(), systemRandom);
    const issued = Array.from({ length: 1000 }, (_, index) => tokens.issue(index));
    expect(new Set(issued).size).toBe(1000);
    for (const token of issued) expect(token).toMatch(/^[\w-]{8}$/);
  });

  it("is redeemed once", () => {
    const tokens = new Tokens<string>(new ManualClock(), systemRandom);
    const token = tokens.issue("request");
    expect(tokens.redeem(token)).toBe("request");
    expect(tokens.redeem(token)).toBeUndefined();
    expect(tokens.redeem("unknown0")).toBeUndefined();
  });

  it("expires after a minute", () => {
    const clock = new ManualClock();
    const tokens = new Tokens<string>(clock, systemRandom);
    const early = tokens.issue("early");
    clock.advance(1);
    const late = tokens.issue("late");
    clock.advance(59_999);
    expect(tokens.redeem(early)).toBeUndefined();
    expect(tokens.redeem(late)).toBe("late");
  });

  it("is refused while 1000 others are pending, and no longer", () => {
    const clock = new ManualClock();
    const tokens = new Tokens<number>(clock, systemRandom);
    const first = tokens.issue(0);
    for (let index = 1; index < 1000; index++) tokens.issue(index);
    expect(() => tokens.issue(1000)).toThrow(ResourceExhaustedError);
    tokens.redeem(first);
    tokens.issue(1000);
    expect(() => tokens.issue(1001)).toThrow(ResourceExhaustedError);
    clock.advance(60_000);
    expect(tokens.issue(1001)).toBeDefined();
  });

  it("is drawn again when chance repeats itself", () => {
    let draws = 0;
    const bytes = (count: number) => Buffer.alloc(count, draws++ < 2 ? 0 : 1);
    const tokens = new Tokens<string>(new ManualClock(), { bytes });
    expect([tokens.issue("a"), tokens.issue("b")]).toEqual(["AAAAAAAA", "AQEBAQEB"]);
  });
});
