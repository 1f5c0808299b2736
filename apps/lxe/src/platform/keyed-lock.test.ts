import { describe, expect, it } from "vitest";
import { KeyedLock } from "./keyed-lock.ts";
import { SingleFlight } from "./single-flight.ts";

describe("a keyed lock", () => {
  it("runs actions of one key one after the other, in order, also after a failure", async () => {
    const lock = new KeyedLock();
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = lock.run("a", async () => {
      order.push("first begins");
      await gate.promise;
      order.push("first ends");
      throw new Error("failed");
    });
    const second = lock.run("a", async () => order.push("second"));
    gate.resolve();
    await expect(first).rejects.toThrow("failed");
    await second;
    expect(order).toEqual(["first begins", "first ends", "second"]);
  });

  it("runs actions of different keys at a time, and gives their results", async () => {
    const lock = new KeyedLock();
    const gate = Promise.withResolvers<number>();
    const waiting = lock.run("a", () => gate.promise);
    expect(await lock.run("b", async () => 2)).toBe(2);
    gate.resolve(1);
    expect(await waiting).toBe(1);
  });
});

const fail = async (): Promise<number> => Promise.reject(new Error("failed"));

describe("a single flight", () => {
  it("is joined by calls for its key while it lasts, and no longer", async () => {
    const flights = new SingleFlight<number>();
    let count = 0;
    const gate = Promise.withResolvers<void>();
    const action = async (): Promise<number> => {
      const mine = ++count;
      await gate.promise;
      return mine;
    };
    const calls = [flights.run("a", action), flights.run("a", action), flights.run("b", action)];
    gate.resolve();
    expect(await Promise.all(calls)).toEqual([1, 1, 2]);
    expect(await flights.run("a", action)).toBe(3);
  });

  it("fails for all that joined it, and the next one tries again", async () => {
    const flights = new SingleFlight<number>();
    const calls = await Promise.allSettled([flights.run("a", fail), flights.run("a", fail)]);
    expect(calls.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await flights.run("a", async () => 1)).toBe(1);
  });
});
