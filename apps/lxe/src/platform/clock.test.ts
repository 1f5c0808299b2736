import { describe, expect, test } from "vitest";
import { createManualClock } from "./manual-clock.ts";
import { createSystemClock } from "./system-clock.ts";

describe("the system clock", () => {
  test("wall time agrees with the host's to some milliseconds and has digits below them", () => {
    const clock = createSystemClock();
    const before = BigInt(Date.now() - 3) * 1_000_000n;
    const readings = Array.from({ length: 100 }, () => clock.nowNs());
    const after = BigInt(Date.now() + 3) * 1_000_000n;
    expect(readings.every((reading) => reading > before && reading < after)).toBe(true);
    expect(readings.some((reading) => reading % 1_000_000n !== 0n)).toBe(true);
  });

  test("sleep ends after its time, or with the reason of its signal", async () => {
    const clock = createSystemClock();
    const startMs = clock.monotonicMs();
    const keepAlive = setTimeout(() => undefined, 10_000);
    await clock.sleep(5);
    expect(clock.monotonicMs() - startMs).toBeGreaterThan(4);
    const abort = new AbortController();
    const sleep = clock.sleep(60_000, abort.signal);
    abort.abort(new Error("enough"));
    await expect(sleep).rejects.toThrow("enough");
    await expect(clock.sleep(1, abort.signal)).rejects.toThrow("enough");
    clearTimeout(keepAlive);
  });
});

describe("the manual clock", () => {
  test("timers run in order of time, also those that timers start, and not when cancelled", () => {
    const clock = createManualClock();
    const ran: string[] = [];
    clock.setTimeout(() => ran.push("late"), 30);
    clock.setTimeout(() => {
      ran.push(`early at ${clock.monotonicMs()}`);
      clock.setTimeout(() => ran.push("nested"), 5);
    }, 10);
    clock.setTimeout(() => ran.push("never"), 20).cancel();
    expect(clock.nextTimerMs()).toBe(10);
    clock.advance(29);
    expect(ran).toEqual(["early at 10", "nested"]);
    clock.advance(1);
    expect(ran).toEqual(["early at 10", "nested", "late"]);
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  test("wall time moves as told", () => {
    const clock = createManualClock(5n);
    clock.advance(2);
    expect(clock.nowNs()).toBe(2_000_005n);
  });
});
