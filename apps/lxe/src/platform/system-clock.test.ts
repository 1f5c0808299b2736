import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSystemClock } from "./system-clock.ts";

const DAY_MS = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a timer of the host", () => {
  it.each([0, 1000, 24 * DAY_MS, 25 * DAY_MS, 365 * DAY_MS])("is due after %i ms, not before", (delayMs) => {
    let due = false;
    createSystemClock().setTimeout(() => (due = true), delayMs);
    if (delayMs > 0) vi.advanceTimersByTime(delayMs - 1);
    expect(due).toBe(false);
    vi.advanceTimersByTime(1);
    expect(due).toBe(true);
  });

  it.each([1, 30 * DAY_MS])("can be ended after %i ms", (passedMs) => {
    let due = false;
    const timer = createSystemClock().setTimeout(() => (due = true), 60 * DAY_MS);
    vi.advanceTimersByTime(passedMs);
    timer.cancel();
    timer.cancel();
    vi.advanceTimersByTime(100 * DAY_MS);
    expect(due).toBe(false);
  });
});
