import { ContainerState, LinuxContainerResources } from "@lxe/cri";
import type { Instance } from "@lxe/lxd-client";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ContainerRecord, InstanceRecord } from "../model/records.ts";
import { containerRecord, sandboxRecord } from "../model/testing/records.ts";
import { createSilentLogger } from "../platform/logger.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { containerKeys, exitKeys, readInstance, resourcesKeys, sandboxKeys } from "../store/codec.ts";
import { KEYS, type LxdConfig } from "../store/config-keys.ts";
import { Index } from "../store/index.ts";
import { ERROR, lxdInstance, NEVER, RUNNING, STARTED_AT, STOPPED } from "../store/testing/instances.ts";
import type { Exits } from "./exits.ts";
import { Reconciler } from "./reconciler.ts";
import { lifecycle, settled, SlowInstances, unavailable } from "./testing/small-lxd.ts";

const NAMES = ["a", "b", "c"];
const GATHERED_MS = 5;
const { CONTAINER_RUNNING } = ContainerState;

const sandbox = (name: string, id: string, changes: Partial<Instance> = RUNNING): Instance =>
  lxdInstance({ name, config: { ...sandboxKeys(sandboxRecord({ id })) }, last_used_at: STARTED_AT, ...changes });
const container = (name: string, changes: Partial<Instance> = RUNNING): Instance =>
  lxdInstance({
    name,
    config: { ...containerKeys(containerRecord({ id: name })) },
    last_used_at: STARTED_AT,
    ...changes,
  });

const onGone = (): void => undefined;

const kept = (cpuShares: bigint): LxdConfig => resourcesKeys(LinuxContainerResources.fromPartial({ cpuShares }), "1");

function fixture(followUp: { settle?: () => Promise<void>; onRunning?: () => Promise<void> } = {}) {
  const lxd = new SlowInstances();
  const index = new Index();
  const clock = createManualClock();
  const settledExits: string[] = [];
  const running: string[] = [];
  const resized: string[] = [];
  const lateStarts: string[] = [];
  const endLateStart = async ({ instance }: ContainerRecord): Promise<void> => void lateStarts.push(instance);
  const unstarted: string[] = [];
  const settle = async (record: ContainerRecord): Promise<void> => {
    settledExits.push(record.instance);
    await followUp.settle?.();
  };
  const reconciler = new Reconciler({
    lxd: lxd.client,
    index,
    exits: { settle, endLateStart } as Exits,
    clock,
    log: createSilentLogger(),
    onGone,
    onResized: ({ instance }) => void resized.push(instance),
    onUnstarted: ({ instance }) => void unstarted.push(instance),
    onRunning: async (record) => {
      running.push(record.instance);
      await followUp.onRunning?.();
    },
  });
  /** Something happened to an instance, and the time is over for which the read waits. */
  const tell = (action: string, name: string): void => {
    reconciler.onEvent(lifecycle(action, name));
    clock.advance(GATHERED_MS);
  };
  return { lxd, index, clock, reconciler, tell, settledExits, running, resized, unstarted, lateStarts };
}

describe("the reconciler", () => {
  it.each([
    "created",
    "started",
    "stopped",
    "shutdown",
    "restarted",
    "paused",
    "resumed",
    "updated",
    "renamed",
    "deleted",
  ])("reads an instance after the event instance-%s", async (action) => {
    const { lxd, index, tell } = fixture();
    lxd.instances.set("a", sandbox("a", "1"));
    tell(`instance-${action}`, "a");
    await lxd.answerAll();
    expect(index.byInstance("a")?.id).toBe("1");
  });

  it.each(["instance-exec", "instance-log-retrieved", "image-created", "instance-snapshot-created"])(
    "reads nothing after the event %s",
    (action) => {
      const { lxd, tell } = fixture();
      tell(action, "a");
      expect(lxd.questions).toEqual([]);
    },
  );

  it("reads once for the events of one moment, and not at all when a read began since", async () => {
    const { lxd, clock, reconciler } = fixture();
    lxd.instances.set("a", container("a"));
    reconciler.onEvent(lifecycle("instance-created", "a"));
    reconciler.onEvent(lifecycle("instance-started", "a"));
    expect(lxd.questions).toEqual([]);
    clock.advance(GATHERED_MS);
    expect(lxd.questions).toHaveLength(1);
    reconciler.onEvent(lifecycle("instance-updated", "a"));
    const read = reconciler.read("a");
    await lxd.answerAll();
    await read;
    clock.advance(GATHERED_MS);
    expect(lxd.questions).toEqual([]);
  });

  it("reads again when the read that an event counted on fails", async () => {
    const { lxd, clock, reconciler, index } = fixture();
    lxd.instances.set("a", container("a"));
    reconciler.onEvent(lifecycle("instance-started", "a"));
    const read = reconciler.read("a");
    lxd.fail(unavailable());
    await expect(read).rejects.toThrow("gone");
    clock.advance(500);
    await lxd.answerAll();
    expect(index.byInstance("a")).toMatchObject({ state: CONTAINER_RUNNING });
  });

  it("tells of sandboxes that were never started, unless LXD cannot look into them", async () => {
    const { lxd, reconciler, unstarted } = fixture();
    lxd.instances.set("half", sandbox("half", "1", { ...STOPPED, last_used_at: NEVER }));
    lxd.instances.set("unclear", sandbox("unclear", "2", { ...ERROR, last_used_at: NEVER }));
    lxd.instances.set("whole", sandbox("whole", "3"));
    const resync = reconciler.resync();
    await lxd.answerAll();
    await resync;
    expect(unstarted).toEqual(["half"]);
  });

  it("tells of running containers that LXD has kept other resources for than were known", async () => {
    const { lxd, reconciler, resized } = fixture();
    const read = async (config: LxdConfig, name = "a"): Promise<string[]> => {
      const before = container(name);
      lxd.instances.set(name, { ...before, config: { ...before.config, ...config } });
      const reading = reconciler.read(name);
      await lxd.answerAll();
      await reading;
      return resized.splice(0);
    };
    expect(await read({})).toEqual([]);
    expect(await read(kept(2n))).toEqual(["a"]);
    expect(await read(kept(2n))).toEqual([]);
    expect(await read(kept(3n))).toEqual(["a"]);
    expect(await read(kept(3n), "b")).toEqual(["b"]);
  });

  it("finds within a minute, again and again, what no event has told", async () => {
    const { lxd, index, clock, reconciler, settledExits } = fixture();
    const synchronised = reconciler.resync();
    await lxd.answerAll();
    await synchronised;
    lxd.instances.set("a", container("a"));
    clock.advance(60_000);
    await lxd.answerAll();
    expect(index.byInstance("a")).toMatchObject({ state: CONTAINER_RUNNING });
    lxd.instances.set("a", container("a", STOPPED));
    clock.advance(60_000);
    await lxd.answerAll();
    expect(settledExits).toEqual(["a"]);
    reconciler.close();
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  it("forgets an instance that LXD does not find", async () => {
    const { lxd, index, reconciler } = fixture();
    index.put(sandboxRecord({ instance: "a" }));
    const read = reconciler.read("a");
    lxd.answer();
    await read;
    expect(index.byInstance("a")).toBeUndefined();
  });

  it("asks LXD again for a read that comes while one is under way, and once for several", async () => {
    const { lxd, index, reconciler } = fixture();
    lxd.instances.set("a", sandbox("a", "old"));
    const first = reconciler.read("a");
    lxd.instances.set("a", sandbox("a", "new"));
    const later = [reconciler.read("a"), reconciler.read("a")];
    lxd.answer();
    await first;
    expect(index.byInstance("a")?.id).toBe("old");
    await settled();
    expect(lxd.questions).toHaveLength(1);
    lxd.answer();
    await Promise.all(later);
    expect(index.byInstance("a")?.id).toBe("new");
  });

  it("reads once at a time when a caller asks again as soon as its read is done", async () => {
    const { lxd, reconciler } = fixture();
    lxd.instances.set("a", sandbox("a", "1"));
    const first = reconciler.read("a");
    const again = first.then(() => reconciler.read("a"));
    const meanwhile = reconciler.read("a");
    await lxd.answerAll();
    await Promise.all([first, again, meanwhile]);
    expect(lxd.parallelMax).toBe(1);
  });

  it("reads again although the read before failed", async () => {
    const { lxd, index, reconciler } = fixture();
    lxd.instances.set("a", sandbox("a", "1"));
    const first = reconciler.read("a");
    const second = reconciler.read("a");
    lxd.fail(unavailable());
    await expect(first).rejects.toThrow("gone");
    await lxd.answerAll();
    await second;
    expect(index.byInstance("a")?.id).toBe("1");
  });

  it("tries again after an event whose read failed, until it is closed", async () => {
    const { lxd, clock, index, tell, reconciler } = fixture();
    lxd.instances.set("a", sandbox("a", "1"));
    tell("instance-started", "a");
    lxd.fail(unavailable());
    await settled();
    clock.advance(500);
    lxd.fail(unavailable());
    await settled();
    clock.advance(500);
    await lxd.answerAll();
    expect(index.byInstance("a")?.id).toBe("1");
    reconciler.close();
    tell("instance-started", "a");
    expect(lxd.questions).toEqual([]);
  });

  it("shows the last known state while LXD cannot tell, and asks again", async () => {
    const { lxd, clock, index, tell, settledExits } = fixture();
    lxd.instances.set("a", container("a"));
    tell("instance-started", "a");
    await lxd.answerAll();
    const before = index.byInstance("a")?.state;
    lxd.instances.set("a", container("a", ERROR));
    tell("instance-shutdown", "a");
    await lxd.answerAll();
    expect(index.byInstance("a")).toMatchObject({ state: before, uncertain: true });
    expect(settledExits).toEqual([]);
    lxd.instances.set("a", container("a", STOPPED));
    clock.advance(500);
    await lxd.answerAll();
    expect(index.byInstance("a")).toMatchObject({ uncertain: false });
    expect(settledExits).toEqual(["a"]);
  });

  it("asks again for an instance that a list has nothing of but its name", async () => {
    const { lxd, clock, index, reconciler } = fixture();
    index.put(sandboxRecord({ instance: "a", id: "1" }));
    lxd.instances.set("a", lxdInstance({ name: "a", ...ERROR }));
    const resync = reconciler.resync();
    await lxd.answerAll();
    expect((await resync).map(({ id }) => id)).toEqual(["1"]);
    lxd.instances.set("a", sandbox("a", "1", STOPPED));
    clock.advance(500);
    await lxd.answerAll();
    expect(index.byInstance("a")).toMatchObject({ state: 1 });
  });

  it("leaves alone what it cannot understand, and what is not lxe's", async () => {
    const { lxd, index, reconciler } = fixture();
    const edited = sandbox("a", "1");
    lxd.instances.set("a", { ...edited, config: { ...edited.config, [KEYS.config]: "{" } });
    lxd.instances.set("b", lxdInstance({ name: "b" }));
    lxd.instances.set("c", sandbox("c", "3"));
    const resync = reconciler.resync();
    await lxd.answerAll();
    expect((await resync).map(({ id }) => id)).toEqual(["3"]);
    expect([...index.instances()]).toHaveLength(1);
  });

  it("follows the output of what runs and looks into the exit of what stopped", async () => {
    const { lxd, reconciler, running, settledExits } = fixture();
    lxd.instances.set("runs", container("runs"));
    lxd.instances.set("stopped", container("stopped", STOPPED));
    lxd.instances.set("created", container("created", { ...STOPPED, last_used_at: "" }));
    const resync = reconciler.resync();
    await lxd.answerAll();
    await resync;
    expect(running).toEqual(["runs"]);
    expect(settledExits).toEqual(["stopped"]);
  });

  it("ends what runs although its start was reported as failed", async () => {
    const { lxd, reconciler, lateStarts, running } = fixture();
    const exit = { code: 128, reason: "StartError", message: "no answer", finishedAt: 1n };
    const failed = container("a");
    lxd.instances.set("a", { ...failed, config: { ...failed.config, ...exitKeys({ id: "a" }, exit) } });
    const resync = reconciler.resync();
    await lxd.answerAll();
    await resync;
    expect(lateStarts).toEqual(["a"]);
    expect(running).toEqual([]);
  });

  it("tries again when an exit could not be looked into", async () => {
    let failures = 1;
    const { lxd, clock, tell, settledExits } = fixture({
      settle: async () => {
        if (failures-- > 0) throw unavailable();
      },
    });
    lxd.instances.set("a", container("a", STOPPED));
    tell("instance-stopped", "a");
    await lxd.answerAll();
    clock.advance(500);
    await lxd.answerAll();
    expect(settledExits).toEqual(["a", "a"]);
  });
});

describe("a list of everything", () => {
  it("brings the index to what LXD has, and asks again for what is not in it", async () => {
    const { lxd, index, reconciler } = fixture();
    index.put(sandboxRecord({ instance: "gone", id: "0" }));
    lxd.instances.set("a", sandbox("a", "1"));
    const resync = reconciler.resync();
    await lxd.answerAll();
    expect((await resync).map(({ id }) => id)).toEqual(["1"]);
    expect([...index.instances()].map(({ instance }) => instance)).toEqual(["a"]);
  });

  it("does not bring back what was read to be gone meanwhile", async () => {
    const { lxd, index, reconciler } = fixture();
    lxd.instances.set("a", sandbox("a", "1"));
    const resync = reconciler.resync();
    lxd.instances.delete("a");
    const read = reconciler.read("a");
    lxd.answer();
    await read;
    lxd.answerList();
    await lxd.answerAll();
    expect(await resync).toEqual([]);
    expect(index.byInstance("a")).toBeUndefined();
  });

  it("fails when LXD does", async () => {
    const { lxd, reconciler } = fixture();
    const resync = reconciler.resync();
    lxd.lists.shift()?.answer.reject(unavailable());
    await expect(resync).rejects.toThrow("gone");
  });
});

/** What happens in LXD and in lxe, in any order; answers come late and across one another. */
type Step =
  | { readonly do: "change"; readonly name: string; readonly id: string; readonly stopped: boolean }
  | { readonly do: "delete"; readonly name: string }
  | { readonly do: "answer"; readonly at: number }
  | { readonly do: "read"; readonly name: string }
  | { readonly do: "resync" | "answer-list" | "fail" | "pass" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("change" as const),
    name: fc.constantFrom(...NAMES),
    id: fc.constantFrom("1", "2"),
    stopped: fc.boolean(),
  }),
  fc.record({ do: fc.constant("delete" as const), name: fc.constantFrom(...NAMES) }),
  fc.record({ do: fc.constant("answer" as const), at: fc.nat(3) }),
  fc.record({ do: fc.constant("read" as const), name: fc.constantFrom(...NAMES) }),
  fc.record({ do: fc.constantFrom("resync" as const, "answer-list" as const, "fail" as const, "pass" as const) }),
);

const weather = async (steps: readonly Step[]) => {
  const { lxd, index, clock, reconciler } = fixture();
  const calls: Promise<unknown>[] = [];
  const change = (action: string, name: string): void => reconciler.onEvent(lifecycle(`instance-${action}`, name));
  for (const next of steps) {
    if (next.do === "change") {
      lxd.instances.set(next.name, sandbox(next.name, `${next.name}${next.id}`, next.stopped ? STOPPED : RUNNING));
      change("updated", next.name);
    } else if (next.do === "delete") {
      if (lxd.instances.delete(next.name)) change("deleted", next.name);
    } else if (next.do === "read") calls.push(reconciler.read(next.name).catch(() => undefined));
    else if (next.do === "resync") calls.push(reconciler.resync().catch(() => undefined));
    else if (next.do === "answer") lxd.answer(next.at % Math.max(1, lxd.questions.length));
    else if (next.do === "answer-list") lxd.answerList();
    else if (next.do === "fail") lxd.fail(unavailable());
    else {
      clock.advance(GATHERED_MS);
      await settled();
    }
  }
  await lxd.answerAll();
  clock.advance(10_000);
  await lxd.answerAll();
  await Promise.all(calls);
  return { lxd, index };
};

const shown = (record: InstanceRecord | undefined): string =>
  record ? `${record.instance} ${record.id} ${record.state}` : "nothing";
const byText = (a: string, b: string): number => a.localeCompare(b);

describe("a storm of events", () => {
  it("ends with what LXD has, and never reads one name twice at a time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { lxd, index } = await weather(steps);
        expect(lxd.parallelMax).toBeLessThanOrEqual(1);
        const inLxd = [...lxd.instances.values()].map((instance) => shown(readInstance(instance)));
        const known = [...index.instances()].map(shown);
        expect(known.toSorted(byText)).toEqual(inLxd.toSorted(byText));
        expect([...index.sandboxes()].length).toBe(known.length);
      }),
      { numRuns: 300 },
    );
  });
});
