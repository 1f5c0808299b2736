import { expect, test } from "vitest";
import { Lanes, SerialQueue } from "./serial-queue.ts";

test("jobs run one after the other in their order, also after one that failed", async () => {
  const queue = new SerialQueue();
  const events: string[] = [];
  const job =
    (name: string, fails = false) =>
    async (): Promise<string> => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const results = await Promise.allSettled([queue.run(job("a")), queue.run(job("b", true)), queue.run(job("c"))]);
  expect(events).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("a few jobs run at a time, the others behind them, also behind one that failed", async () => {
  const lanes = new Lanes(2);
  let running = 0;
  let most = 0;
  const job = (number: number) => async (): Promise<number> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    if (number === 0) throw new Error("the first");
    return number;
  };
  const results = await Promise.allSettled(Array.from({ length: 7 }, (_, number) => lanes.run(job(number))));
  expect(most).toBe(2);
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(6);
});
