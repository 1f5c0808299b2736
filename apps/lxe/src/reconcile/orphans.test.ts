import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import type { Context } from "../context.ts";
import type { InstanceRecord } from "../model/records.ts";
import { containerRecord, sandboxRecord } from "../model/testing/records.ts";
import type { HostMounts } from "../platform/host-mounts.ts";
import { KeyedLock } from "../platform/keyed-lock.ts";
import { createSilentLogger } from "../platform/logger.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { makePipes } from "../platform/pipes.ts";
import { createSystemHostFiles } from "../platform/system-host-files.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { Index } from "../store/index.ts";
import { StatePaths } from "../store/paths.ts";
import { Orphans } from "./orphans.ts";
import type { Reconciler } from "./reconciler.ts";
import { asClient, unavailable } from "./testing/small-lxd.ts";

const NAME = "web-55555555";

/** `inLxd`: what a read finds; `failures`: how often LXD cannot be read first. */
async function fixture(options: { inLxd?: InstanceRecord; failures?: number; stopFails?: Error } = {}) {
  const directory = await temporaryDirectory();
  const paths = new StatePaths(directory.path);
  const index = new Index();
  const clock = createManualClock();
  const podLock = new KeyedLock();
  const deleted: string[] = [];
  const stopped: string[] = [];
  let { inLxd, failures = 0 } = options;
  const read = async (name: string): Promise<void> => {
    if (failures-- > 0) throw unavailable();
    if (inLxd) index.put(inLxd);
    else index.removeInstance(name);
  };
  const remove = async (name: string): Promise<void> => {
    deleted.push(name);
    inLxd = undefined;
  };
  const stop = async (name: string): Promise<void> => {
    stopped.push(name);
    if (options.stopFails) throw options.stopFails;
  };
  const orphans = new Orphans({
    lxd: asClient({ instances: { delete: remove, setState: stop } }),
    files: { ...createSystemHostFiles(), unmount: async () => {} },
    mounts: { unmount: async () => {} } as unknown as HostMounts,
    paths,
    index,
    reconciler: { read } as Reconciler,
    podLock,
    clock,
    log: createSilentLogger(),
  } satisfies Partial<Context>);
  const container = paths.container(NAME);
  const pod = paths.pod(NAME);
  for (const place of [container.directory, pod.directory, paths.logs, paths.holds])
    await mkdir(place, { recursive: true });
  await writeFile(container.logState, "");
  /** All that is there of the instance. */
  const left = async (): Promise<string[]> => {
    const places = [container.directory, container.logState, container.stdinHold, pod.directory];
    const found = await Promise.all(
      places.map((place) =>
        stat(place).then(
          () => place,
          () => undefined,
        ),
      ),
    );
    return found.filter((place) => place !== undefined);
  };
  /** When nobody works on the pod any more. */
  const idle = (): Promise<void> => podLock.run(NAME, async () => undefined);
  const dispose = () => directory[Symbol.asyncDispose]();
  return {
    orphans,
    clock,
    index,
    podLock,
    deleted,
    stopped,
    paths,
    container,
    left,
    idle,
    [Symbol.asyncDispose]: dispose,
  };
}

describe("what is left of an instance", () => {
  it("goes when LXD does not have the instance any more", async () => {
    await using all = await fixture();
    all.orphans.onGone(sandboxRecord({ instance: NAME }));
    await all.idle();
    expect(await all.left()).toEqual([]);
    expect(await readdir(dirname(all.container.logState))).toEqual([]);
  });

  it("goes under the lock of the pod that a container is of", async () => {
    await using all = await fixture();
    const gate = Promise.withResolvers<void>();
    const sandbox = sandboxRecord();
    const busy = all.podLock.run(sandbox.instance, () => gate.promise);
    all.orphans.onGone(containerRecord({ instance: NAME, sandboxId: sandbox.id }));
    all.orphans.check(NAME, sandbox.instance);
    expect((await all.left()).length).toBeGreaterThan(0);
    gate.resolve();
    await busy;
    await all.podLock.run(sandbox.instance, async () => undefined);
    expect(await all.left()).toEqual([]);
  });

  it("lets go of the input that was held open for it", async () => {
    await using all = await fixture();
    const [hold] = await makePipes([all.container.stdinHold], { mode: 0o600 });
    await hold?.[Symbol.asyncDispose]();
    all.orphans.check(NAME, NAME);
    await all.idle();
    expect(await all.left()).toEqual([]);
  });

  it("stays while LXD cannot be read, and goes when it can", async () => {
    await using all = await fixture({ failures: 1 });
    all.orphans.check(NAME, NAME);
    await all.idle();
    expect((await all.left()).length).toBeGreaterThan(0);
    await new Promise((resolve) => setImmediate(resolve));
    all.clock.advance(5000);
    await all.idle();
    expect(await all.left()).toEqual([]);
  });

  it("stays when LXD has the instance after all", async () => {
    await using all = await fixture({ inLxd: sandboxRecord({ instance: NAME }) });
    all.orphans.check(NAME, NAME);
    await all.idle();
    expect(all.deleted).toEqual([]);
    expect(await all.left()).toContain(all.container.directory);
  });
});

describe("a sandbox that was never started", () => {
  const unstarted = sandboxRecord({ instance: NAME, starting: true });

  it("goes with its files: LXD made it after it was given up", async () => {
    await using all = await fixture({ inLxd: unstarted });
    all.orphans.onUnstarted(unstarted);
    await all.idle();
    expect(all.deleted).toEqual([NAME]);
    expect(await all.left()).toEqual([]);
  });

  it("goes even if it runs, when its making has failed", async () => {
    await using all = await fixture({ inLxd: sandboxRecord({ instance: NAME }) });
    all.index.withhold(NAME, NAME);
    all.orphans.check(NAME, NAME);
    await all.idle();
    expect([all.stopped, all.deleted]).toEqual([[NAME], [NAME]]);
    expect(all.index.isWithheld(NAME)).toBe(false);
  });

  it("goes where LXD does not stop it: that it cannot be deleted then shows", async () => {
    await using all = await fixture({ inLxd: unstarted, stopFails: unavailable() });
    await all.orphans.removeUntold(NAME);
    expect([all.stopped, all.deleted]).toEqual([[NAME], [NAME]]);
  });

  it("stays while somebody makes it", async () => {
    await using all = await fixture({ inLxd: unstarted });
    await all.podLock.run(NAME, async () => all.orphans.onUnstarted(unstarted));
    await all.idle();
    expect(all.deleted).toEqual([]);
  });

  it("stays while LXD cannot tell its state", async () => {
    await using all = await fixture({ inLxd: { ...unstarted, uncertain: true } });
    all.orphans.check(NAME, NAME);
    await all.idle();
    expect(all.deleted).toEqual([]);
  });
});
