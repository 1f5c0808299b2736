import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coalesce } from "./coalesce.ts";
import { createSharedTasks } from "./shared-tasks.ts";

const fail = (): Promise<void> => Promise.reject(new Error("broken"));

describe("shared tasks", () => {
  it("run once for all who ask at the same time, and again afterwards", async () => {
    const tasks = createSharedTasks<number>();
    let runs = 0;
    const start = (): Promise<number> => Promise.resolve((runs += 1));
    expect(await Promise.all([tasks.run("a", start, undefined), tasks.run("a", start, undefined)])).toEqual([1, 1]);
    expect(await tasks.run("a", start, undefined)).toBe(2);
  });

  it("give a failure to all who waited", async () => {
    const tasks = createSharedTasks<void>();
    const results = await Promise.allSettled([tasks.run("a", fail, undefined), tasks.run("a", fail, undefined)]);
    expect(results.map((result) => result.status)).toEqual(["rejected", "rejected"]);
  });

  it("do not begin for somebody who has left already", async () => {
    const tasks = createSharedTasks<void>();
    await expect(tasks.run("a", fail, AbortSignal.abort(new Error("late")))).rejects.toThrow("late");
  });

  it("begin anew for who comes after the last one left, although the old run has not ended", async () => {
    const tasks = createSharedTasks<string>();
    const leaver = new AbortController();
    const left = tasks.run("a", () => new Promise(() => {}), leaver.signal);
    leaver.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    expect(await tasks.run("a", () => Promise.resolve("new"), undefined)).toBe("new");
  });

  it("are aborted exactly when everybody has left, whoever leaves when", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }), async (leaves) => {
        const tasks = createSharedTasks<string>();
        const work = Promise.withResolvers<string>();
        let shared: AbortSignal | undefined;
        const start = (signal: AbortSignal): Promise<string> => {
          shared = signal;
          return work.promise;
        };
        const waiters = leaves.map((leaving) => {
          const controller = new AbortController();
          return { leaving, controller, result: tasks.run("key", start, controller.signal) };
        });
        const results = Promise.allSettled(waiters.map(({ result }) => result));
        for (const { leaving, controller } of waiters) if (leaving) controller.abort(new Error("left"));
        await Promise.allSettled(waiters.filter(({ leaving }) => leaving).map(({ result }) => result));
        expect(shared?.aborted).toBe(leaves.every(Boolean));
        work.resolve("done");
        expect((await results).map((result) => result.status)).toEqual(
          leaves.map((leaving) => (leaving ? "rejected" : "fulfilled")),
        );
      }),
    );
  });
});

describe("coalesced work", () => {
  it("runs one at a time, and each caller waits for a run that began after the call", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 10 }),
        async (scheduler, delays) => {
          let running = 0;
          let begun = 0;
          let ended = 0;
          const refresh = coalesce(async () => {
            expect((running += 1)).toBe(1);
            const run = (begun += 1);
            await scheduler.schedule(Promise.resolve(), "work");
            running -= 1;
            ended = run;
          });
          const callers = delays.map(async (steps) => {
            for (let step = 0; step < steps; step += 1) await scheduler.schedule(Promise.resolve(), "before the call");
            const begunBefore = begun;
            await refresh();
            expect(ended).toBeGreaterThan(begunBefore);
          });
          await scheduler.waitFor(Promise.all(callers));
          expect(begun).toBeLessThanOrEqual(callers.length);
        },
      ),
    );
  });

  it("runs again after a failure", async () => {
    let runs = 0;
    const refresh = coalesce(() => ((runs += 1) === 1 ? Promise.reject(new Error("broken")) : Promise.resolve()));
    const [first, second, third] = await Promise.allSettled([refresh(), refresh(), refresh()]);
    expect([first.status, second.status, third.status]).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(runs).toBe(2);
  });
});
