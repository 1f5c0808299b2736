import { expect, it } from "vitest";
import { createSilentLogger } from "./logger.ts";
import { createManualClock } from "./manual-clock.ts";
import { Tidying } from "./tidying.ts";

const left = (dispose: () => Promise<void>): AsyncDisposable => ({ [Symbol.asyncDispose]: dispose });

function fixture() {
  const clock = createManualClock();
  return { clock, tidying: new Tidying({ clock, log: createSilentLogger() }) };
}

it("what is left goes soon, and nobody waits for it", async () => {
  const { clock, tidying } = fixture();
  const done: string[] = [];
  tidying.leave(left(async () => void done.push("gone")));
  expect(done).toEqual([]);
  clock.advance(10);
  expect(done).toEqual(["gone"]);
  await tidying.finish();
  expect(done).toEqual(["gone"]);
  expect(clock.nextTimerMs()).toBeUndefined();
});

it("the end waits for all, also for what is left meanwhile", async () => {
  const { clock, tidying } = fixture();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const done: string[] = [];
  tidying.leave(
    left(async () => {
      await first.promise;
      tidying.leave(left(() => second.promise.then(() => void done.push("second"))));
      done.push("first");
    }),
  );
  const finished = tidying.finish().then(() => done.push("finished"));
  first.resolve();
  await new Promise(setImmediate);
  expect(done).toEqual(["first"]);
  second.resolve();
  await finished;
  expect(done).toEqual(["first", "second", "finished"]);
  expect(clock.nextTimerMs()).toBeUndefined();
});

it("what cannot be removed fails nobody", async () => {
  const { tidying } = fixture();
  tidying.leave(left(() => Promise.reject(new Error("busy"))));
  await expect(tidying.finish()).resolves.toBeUndefined();
});
