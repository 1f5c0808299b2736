import { expect, it } from "vitest";
import { createSilentLogger } from "./logger.ts";
import { Tidying } from "./tidying.ts";

const left = (dispose: () => Promise<void>): AsyncDisposable => ({ [Symbol.asyncDispose]: dispose });

it("nobody waits for what is tidied but the end, also of what is begun meanwhile", async () => {
  const tidying = new Tidying(createSilentLogger());
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const done: string[] = [];
  tidying.begin(
    left(async () => {
      await first.promise;
      tidying.begin(left(() => second.promise.then(() => void done.push("second"))));
      done.push("first");
    }),
  );
  const finished = tidying.finished().then(() => done.push("finished"));
  first.resolve();
  await new Promise(setImmediate);
  expect(done).toEqual(["first"]);
  second.resolve();
  await finished;
  expect(done).toEqual(["first", "second", "finished"]);
});

it("what cannot be removed fails nobody", async () => {
  const tidying = new Tidying(createSilentLogger());
  tidying.begin(left(() => Promise.reject(new Error("busy"))));
  await expect(tidying.finished()).resolves.toBeUndefined();
});
