import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { inParallel } from "./parallel.ts";

const never = new AbortController().signal;

describe("work on many things", () => {
  it("gives results in order, and is never done on more at a time than allowed", async () => {
    let running = 0;
    let most = 0;
    const results = await inParallel([5, 1, 4, 2, 3], 2, never, async (item, _, position) => {
      running += 1;
      most = Math.max(most, running);
      for (let turns = 0; turns < item; turns += 1) await turn();
      running -= 1;
      return `${position}:${item}`;
    });
    expect(results).toEqual(["0:5", "1:1", "2:4", "3:2", "4:3"]);
    expect(most).toBe(2);
    expect(await inParallel([], 3, never, () => Promise.resolve(1))).toEqual([]);
  });

  it("stops at the first failure, and waits for what it aborts", async () => {
    const begun: number[] = [];
    let ended = false;
    const work = inParallel([0, 1, 2, 3], 2, never, async (item, signal) => {
      begun.push(item);
      if (item === 1) throw new RangeError("of one");
      while (!signal.aborted) await turn();
      await turn();
      ended = true;
      signal.throwIfAborted();
    });
    await expect(work).rejects.toThrow(RangeError);
    expect({ begun, ended }).toEqual({ begun: [0, 1], ended: true });
  });

  it("stops when it is aborted", async () => {
    const controller = new AbortController();
    const work = inParallel([0, 1], 1, controller.signal, () => {
      controller.abort(new RangeError("enough"));
      return Promise.resolve();
    });
    await expect(work).rejects.toThrow(RangeError);
  });
});
