import { describe, expect, it } from "vitest";
import { formatTime, logTime } from "./time.ts";

describe("times", () => {
  it("are printed as Go does: no trailing zeros", () => {
    expect(formatTime(Date.UTC(2026, 0, 2, 3, 4, 5))).toBe("2026-01-02T03:04:05Z");
    expect(formatTime(Date.UTC(2026, 0, 2, 3, 4, 5) + 120)).toBe("2026-01-02T03:04:05.12Z");
    expect(formatTime(Date.UTC(2026, 0, 2, 3, 4, 5) + 0.25)).toBe("2026-01-02T03:04:05.00025Z");
  });

  it("in liblxc's log have milliseconds", () => {
    expect(logTime(Date.UTC(2026, 0, 2, 3, 4, 5) + 7)).toBe("20260102030405.007");
  });
});
