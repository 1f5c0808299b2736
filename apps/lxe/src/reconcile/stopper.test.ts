import { ContainerState } from "@lxe/cri";
import { type InstanceStatePut, LxdError, type LxdErrorCode, type Operation } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { containerRecord } from "../model/testing/records.ts";
import { createSilentLogger } from "../platform/logger.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { Index } from "../store/index.ts";
import type { Reconciler } from "./reconciler.ts";
import { Stopper } from "./stopper.ts";
import { asClient, settled } from "./testing/small-lxd.ts";

const { CONTAINER_CREATED, CONTAINER_RUNNING, CONTAINER_EXITED } = ContainerState;
const running = containerRecord({ state: CONTAINER_RUNNING });

/** An LXD whose container ends on a kill, and on the stop signal if `ends` says so. */
function fixture(options: { killFails?: LxdErrorCode; survivesKill?: boolean } = {}) {
  const index = new Index();
  const clock = createManualClock();
  const calls: InstanceStatePut[] = [];
  const exit = (): void => index.put({ ...running, state: CONTAINER_EXITED });
  const setState = async (_: string, body: InstanceStatePut): Promise<Operation> => {
    calls.push(body);
    if (!body.force) return await new Promise<Operation>(() => {}); // LXD waits, too
    if (options.killFails) throw new LxdError(options.killFails, "no");
    if (!options.survivesKill) exit();
    return {} as Operation;
  };
  const reads: string[] = [];
  const reconciler = { read: async (name: string) => void reads.push(name) } as Reconciler;
  const lxd = asClient({ instances: { setState } });
  index.put(running);
  const stopper = new Stopper({ lxd, index, reconciler, clock, log: createSilentLogger() });
  const kinds = (): string[] => calls.map(({ force }) => (force ? "kill" : "signal"));
  return { index, clock, calls, kinds, reads, exit, stopper };
}

describe("stopping a container", () => {
  it.each([CONTAINER_CREATED, CONTAINER_EXITED])("does nothing in state %i", async (state) => {
    const { stopper, index, calls } = fixture();
    index.put({ ...running, state });
    await stopper.stop(running, 1000);
    expect(calls).toEqual([]);
  });

  it("ends as soon as the container does, without a kill", async () => {
    const { stopper, kinds, exit, clock } = fixture();
    const stop = stopper.stop(running, 30_000);
    clock.advance(1000);
    exit();
    await stop;
    expect(kinds()).toEqual(["signal"]);
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  it("gives LXD more time than itself: the kill is lxe's", async () => {
    const { stopper, calls, exit } = fixture();
    const stop = stopper.stop(running, 30_000);
    exit();
    await stop;
    expect(calls[0]).toMatchObject({ action: "stop", force: false });
    expect(calls[0]?.timeout).toBeGreaterThan(30);
  });

  it("kills when the grace period is over", async () => {
    const { stopper, kinds, clock, reads } = fixture();
    const stop = stopper.stop(running, 2000);
    await settled();
    clock.advance(1999);
    await settled();
    expect(kinds()).toEqual(["signal"]);
    clock.advance(1);
    await stop;
    expect(kinds()).toEqual(["signal", "kill"]);
    expect(reads).toEqual([running.instance]);
  });

  it("kills at once without a grace period", async () => {
    const { stopper, kinds } = fixture();
    await stopper.stop(running, 0);
    expect(kinds()).toEqual(["kill"]);
  });

  it("kills at the end of a second, shorter grace period, and signals only once", async () => {
    const { stopper, kinds, clock } = fixture();
    const patient = stopper.stop(running, 60_000);
    clock.advance(1000);
    const hasty = stopper.stop(running, 2000);
    await settled();
    clock.advance(2000);
    await Promise.all([patient, hasty]);
    expect(kinds()).toEqual(["signal", "kill"]);
  });

  it("kills once for callers whose time is up together", async () => {
    const { stopper, kinds } = fixture();
    await Promise.all([stopper.stop(running, 0), stopper.stop(running, 0)]);
    expect(kinds()).toEqual(["kill"]);
  });

  it.each(["already-stopped", "not-running", "not-found"] as const)(
    "is fine when LXD answers a kill with %s",
    async (code) => {
      const { stopper, exit } = fixture({ killFails: code });
      const stop = stopper.stop(running, 0);
      await settled();
      exit();
      await expect(stop).resolves.toBeUndefined();
    },
  );

  it("fails when it cannot be killed, and tries again for the next caller", async () => {
    const { stopper, kinds } = fixture({ killFails: "failed" });
    await expect(stopper.stop(running, 0)).rejects.toThrow("no");
    await expect(stopper.stop(running, 0)).rejects.toThrow("no");
    expect(kinds()).toEqual(["kill", "kill"]);
  });

  it("waits for the exit to be known after a kill", async () => {
    const { stopper, exit } = fixture({ survivesKill: true });
    let ended = false;
    const stop = stopper.stop(running, 0).then(() => (ended = true));
    await settled();
    expect(ended).toBe(false);
    exit();
    await stop;
    expect(ended).toBe(true);
  });

  it("ends when the container is removed meanwhile", async () => {
    const { stopper, index } = fixture();
    const stop = stopper.stop(running, 5000);
    index.removeInstance(running.instance);
    await expect(stop).resolves.toBeUndefined();
  });
});
