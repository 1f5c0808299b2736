import { describe, expect, it } from "vitest";
import { formatTime, logTime } from "./time.ts";

describe("times", () => {
  it("are printed as Go does: no trailing zeros", () => {
    expect(formatTime(Date.UTC(2026, 0, 2, 3, 4, 5))).toBe("2026-01-02T03:04:05Z");
    expect(formatTime(Date.UTC(2026, 0, 2, 3, 4, 5) + 120)).toBe("2026-01-02T03:04:05.12Z");
    expect(formatTime(Date.UTC(2026, 0, 2, 3, 4, 5) + 0.25)).toBe("2026-01-02T03:04:05.00025Z");
  });

  it.each([
    [120, "120"],
    [999.5, "999"],
    [7, "700"],
    [14.25, "142"],
    [0, "0"],
  ])("in liblxc's log have digits of the nanoseconds, but no leading zeros: %s ms are .%s", (ms, digits) => {
    expect(logTime(Date.UTC(2026, 0, 2, 3, 4, 5) + ms)).toBe(`20260102030405.${digits}`);
  });
});
