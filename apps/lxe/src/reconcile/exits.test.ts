import { ContainerState } from "@lxe/cri";
import type { InstancePatch, Operation } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { appProgram } from "../init/app.ts";
import { machineFor } from "../init/machine.ts";
import type { ContainerLogs } from "../logs/container-logs.ts";
import type { ContainerRecord } from "../model/records.ts";
import { containerRecord } from "../model/testing/records.ts";
import type { HostFiles } from "../platform/host-files.ts";
import { createSilentLogger } from "../platform/logger.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { KEYS } from "../store/config-keys.ts";
import { Index } from "../store/index.ts";
import { StatePaths } from "../store/paths.ts";
import { Exits } from "./exits.ts";
import { asClient, notFound, settled, unavailable } from "./testing/small-lxd.ts";

const { CONTAINER_RUNNING, CONTAINER_EXITED } = ContainerState;
const MACHINE = machineFor("x86_64");
const STARTED_NS = 1_700_000_000_000_000_000n;
const STARTED = containerRecord({ state: CONTAINER_RUNNING, startedAt: STARTED_NS });
const line = (text: string): string => `lxc web 20261122215820.910 INFO     x - ../src/lxc/x.c:x:1 - ${text}\n`;
const LINE_NS = BigInt(Date.UTC(2026, 10, 22, 21, 58, 20, 910)) * 1_000_000n;
const START = line('Started "/.lxe/init" with pid "7"');
const HOOK = line('Executing script "/x" for container "web"');
const child = (end: string): string => START + line(`Child <7> ended on ${end}`);

interface FixtureOptions {
  readonly lxcLog?: string | Error;
  readonly files?: Readonly<Record<string, Buffer>>;
  readonly oom?: boolean;
  /** After how many waits the log is whole. */
  readonly lateBy?: number;
  readonly patchFails?: boolean;
  /** LXD answers when this is resolved. */
  readonly patchAnswer?: Promise<void>;
  readonly stopFails?: Error;
  readonly record?: ContainerRecord;
  /** What LXD says of the instance when it is asked again: stopped, unless this is set. */
  readonly runsAfterAll?: boolean;
  readonly operations?: readonly Partial<Operation>[];
}

function fixture(options: FixtureOptions = {}) {
  const index = new Index();
  const order: string[] = [];
  const reads: string[] = [];
  const patches: InstancePatch[] = [];
  const stops: object[] = [];
  const paths = new StatePaths("/state");
  const logAnswer = Promise.withResolvers<void>();
  const lxd = asClient({
    operations: { list: async () => options.operations ?? [] },
    instances: {
      logs: {
        get: async () => {
          await logAnswer.promise;
          if (options.lxcLog instanceof Error) throw options.lxcLog;
          return Buffer.from(reads.length < (options.lateBy ?? 0) ? START : (options.lxcLog ?? ""));
        },
      },
      get: async () => ({ value: { status_code: options.runsAfterAll ? 103 : 102 }, etag: "" }),
      setState: async (instance: string, body: object) => {
        stops.push({ instance, ...body });
        if (options.stopFails) throw options.stopFails;
      },
      patch: async (_: string, patch: InstancePatch) => {
        order.push("patch");
        if (options.patchFails) throw unavailable();
        await options.patchAnswer;
        patches.push(patch);
      },
    },
  });
  index.put(options.record ?? STARTED);
  index.onChange(() => order.push("index"));
  const clock = createManualClock(LINE_NS + 5n);
  const exits = new Exits({
    lxd,
    index,
    paths,
    clock: { ...clock, sleep: async () => void reads.push("wait") },
    log: createSilentLogger(),
    logs: { finish: async () => void order.push("log") } as unknown as ContainerLogs,
    files: { readFile: async (path: string) => options.files?.[path] } as HostFiles,
    onUnrecorded: (instance) => void order.push(`again ${instance}`),
    killLeftOvers: async () => void order.push("kill"),
    wasOomKilled: async () => options.oom ?? false,
  });
  const exit = () => index.findContainer(STARTED.id)?.exit;
  return { exits, index, patches, stops, order, exit, clock, answerLog: logAnswer.resolve };
}

const start = (...instances: string[]): Partial<Operation> => ({
  description: "Starting instance",
  status_code: 103,
  resources: { instances: instances.map((name) => `/1.0/instances/${name}`) },
});
const FAILING = line("x").replace("INFO ", "ERROR");

const settle = async (options: FixtureOptions) => {
  const all = fixture(options);
  all.answerLog();
  await all.exits.settle(options.record ?? STARTED);
  return all;
};

describe("how a container ended", () => {
  const system = containerRecord({ ...STARTED, facts: { ...STARTED.facts, type: "system" } });
  it.each<{ what: string; options: FixtureOptions; code: number; reason: string }>([
    { what: "in order", options: { lxcLog: START + HOOK }, code: 0, reason: "Completed" },
    {
      what: "in order, by a log that is late",
      options: { lxcLog: START + HOOK, lateBy: 3 },
      code: 0,
      reason: "Completed",
    },
    { what: "with an error", options: { lxcLog: child("error (7)") }, code: 7, reason: "Error" },
    { what: "by a signal", options: { lxcLog: child("signal Terminated(15)") }, code: 143, reason: "Error" },
    { what: "by a kill", options: { lxcLog: child("signal Killed(9)") }, code: 137, reason: "Error" },
    { what: "for memory", options: { lxcLog: child("signal Killed(9)"), oom: true }, code: 137, reason: "OOMKilled" },
    {
      what: "for the memory of a child",
      options: { lxcLog: child("error (137)"), oom: true },
      code: 137,
      reason: "OOMKilled",
    },
    {
      what: "with an error, though the kernel killed something",
      options: { lxcLog: child("error (7)"), oom: true },
      code: 7,
      reason: "Error",
    },
    {
      what: "by a shutdown of its init",
      options: { lxcLog: child("signal Interrupt(2)"), record: system },
      code: 0,
      reason: "Completed",
    },
    {
      what: "by the same signal, as an app",
      options: { lxcLog: child("signal Interrupt(2)") },
      code: 130,
      reason: "Error",
    },
    { what: "when the node lost power", options: { lxcLog: START }, code: 255, reason: "Unknown" },
    { what: "with a log that is gone", options: { lxcLog: notFound() }, code: 255, reason: "Unknown" },
  ])("is told: $what", async ({ options, code, reason }) => {
    const { exit } = await settle(options);
    expect(exit()).toMatchObject({ code, reason });
  });

  it("is not told of one that runs after all: nothing is killed or recorded", async () => {
    const { exits, exit, answerLog, order } = fixture({ lxcLog: START, runsAfterAll: true });
    answerLog();
    await expect(exits.settle(STARTED)).rejects.toThrow("and runs");
    expect(exit()).toBeUndefined();
    expect(order).toEqual([]);
  });

  it.each([
    { what: "whose log ends with the start", lxcLog: START, operation: start(STARTED.instance) },
    { what: "whose log is empty", lxcLog: "", operation: start(`${STARTED.instance}?project=pods`) },
    { what: "whose log has errors", lxcLog: FAILING, operation: start(STARTED.instance) },
    { what: "that the operation does not name", lxcLog: START, operation: { ...start(), resources: null } },
  ])("is not told of one $what while it is being started: nothing is killed or recorded", async (one) => {
    const { exits, exit, answerLog, order } = fixture({ lxcLog: one.lxcLog, operations: [one.operation] });
    answerLog();
    await expect(exits.settle(STARTED)).rejects.toThrow("being started");
    expect(exit()).toBeUndefined();
    expect(order).toEqual([]);
  });

  it("is told while others are being started or it is read, and its own start is over", async () => {
    const read = { ...start(STARTED.instance), description: "Executing command" };
    const over = { ...start(STARTED.instance), status_code: 200 };
    const { exit } = await settle({ lxcLog: START, operations: [start(`${STARTED.instance}-2`), read, over] });
    expect(exit()).toMatchObject({ code: 255, reason: "Unknown" });
  });

  it("is not told by an LXD that is gone: it is asked again", async () => {
    const { exits, exit, answerLog, patches } = fixture({ lxcLog: unavailable() });
    answerLog();
    await expect(exits.settle(STARTED)).rejects.toThrow("gone");
    expect(exit()).toBeUndefined();
    expect(patches).toEqual([]);
  });

  it("has the time of LXC's log", async () => {
    const { exit } = await settle({ lxcLog: child("error (7)") });
    expect(exit()?.finishedAt).toBe(LINE_NS);
  });

  it("is never before the start, and a container that never started began when that failed", async () => {
    const late = { ...STARTED, startedAt: LINE_NS + 9n };
    expect((await settle({ lxcLog: child("error (7)"), record: late })).exit()?.finishedAt).toBe(LINE_NS + 9n);
    const never = containerRecord();
    const { exits, index } = fixture({ record: never });
    await exits.settleStartError(never, "m");
    expect(index.findContainer(never.id)).toMatchObject({
      startedAt: LINE_NS + 5n,
      exit: { finishedAt: LINE_NS + 5n },
    });
  });

  it("is told by the init program that could not become the app", async () => {
    if (!MACHINE) throw new Error("no machine");
    const paths = new StatePaths("/state").container(STARTED.instance);
    const spec = {
      argv: ["a"],
      env: [],
      cwd: "/",
      uid: 0,
      gid: 0,
      groups: [],
      streams: { kind: "files", stdin: "/dev/null", stdinStaysOpen: false } as const,
    };
    const report = Buffer.alloc(16);
    report.writeBigUInt64LE(2n, 0);
    const files = { [paths.init]: appProgram(MACHINE, spec), [paths.failed]: report };
    const record = { ...STARTED, facts: { ...STARTED.facts, architecture: "x86_64" } };
    const { exit } = await settle({ files, record, lxcLog: child("error (127)") });
    expect(exit()).toMatchObject({ code: 128, reason: "StartError" });
    expect(exit()?.message).toContain("no such file or directory");
  });
});

describe("a start that came about after it was reported as failed", () => {
  it("is stopped by force", async () => {
    const { exits, stops } = fixture();
    await exits.endLateStart(STARTED);
    expect(stops).toMatchObject([{ instance: STARTED.instance, action: "stop", force: true }]);
  });

  it("may have ended already; other failures are for trying again", async () => {
    const ended = fixture({ stopFails: notFound() });
    await expect(ended.exits.endLateStart(STARTED)).resolves.toBeUndefined();
    const gone = fixture({ stopFails: unavailable() });
    await expect(gone.exits.endLateStart(STARTED)).rejects.toThrow("gone");
  });
});

describe("an exit", () => {
  it("shows only after left-overs are gone, the output is in the log, and LXD has it", async () => {
    const { order, patches } = await settle({ lxcLog: child("error (7)") });
    expect(order).toEqual(["kill", "log", "patch", "index"]);
    expect(JSON.parse(patches[0]?.config?.[KEYS.exit] ?? "")).toMatchObject({ code: 7, finishedAt: String(LINE_NS) });
    expect(patches[0]?.description).toBe(STARTED.description);
  });

  it("is recorded once for several that ask at a time", async () => {
    const { exits, answerLog, patches, index } = fixture({ lxcLog: child("error (7)") });
    const asked = [exits.settle(STARTED), exits.settle(STARTED)];
    answerLog();
    await Promise.all(asked);
    expect(patches).toHaveLength(1);
    expect(index.findContainer(STARTED.id)?.state).toBe(CONTAINER_EXITED);
  });

  it("is settled when LXD has answered, whatever it answers", async () => {
    for (const patchFails of [true, false]) {
      const { exits, answerLog, order } = fixture({ lxcLog: child("error (7)"), patchFails });
      const settling = exits.settle(STARTED);
      const settled = exits.settled(STARTED).then(() => order.push("settled"));
      answerLog();
      await Promise.all([settling, settled]);
      expect(order.slice(-3)).toEqual([patchFails ? `again ${STARTED.instance}` : "patch", "index", "settled"]);
      await exits.settled(STARTED); // nothing is under way
    }
  });

  it("shows although it could not be kept in LXD", async () => {
    const { exit, order } = await settle({ lxcLog: child("error (7)"), patchFails: true });
    expect(exit()).toMatchObject({ code: 7 });
    expect(order.slice(-2)).toEqual([`again ${STARTED.instance}`, "index"]);
  });

  it("shows soon although LXD does not answer, and is settled when it does", async () => {
    const { promise: patchAnswer, resolve } = Promise.withResolvers<void>();
    const { exits, exit, order, clock, answerLog } = fixture({ lxcLog: child("error (7)"), patchAnswer });
    const settling = exits.settle(STARTED).then(() => order.push("settled"));
    answerLog();
    await expect.poll(() => order.at(-1)).toBe("patch");
    expect(exit()).toBeUndefined();
    clock.advance(2000);
    await expect.poll(() => order.at(-1)).toBe("index");
    expect(exit()).toMatchObject({ code: 7 });
    resolve();
    await settling;
  });

  it("is waited for where it is being found, but not for long", async () => {
    const all = fixture({ lxcLog: child("error (7)") });
    const settling = all.exits.settle(STARTED);
    const waited = { once: false, again: false };
    const once = all.exits.shown().then(() => (waited.once = true));
    await settled();
    expect(waited.once).toBe(false);
    all.clock.advance(4000);
    await once;
    expect(all.exit()).toBeUndefined();
    const again = all.exits.shown().then(() => (waited.again = true));
    await settled();
    expect(waited.again).toBe(false);
    all.answerLog();
    await again;
    expect(all.exit()).toMatchObject({ code: 7 });
    await settling;
    await all.exits.shown();
  });

  it("of a container that was removed meanwhile is nobody's", async () => {
    const { exits, index, answerLog, patches } = fixture({ lxcLog: child("error (7)") });
    const settling = exits.settle(STARTED);
    index.removeInstance(STARTED.instance);
    answerLog();
    await settling;
    expect(index.findContainer(STARTED.id)).toBeUndefined();
    expect(patches).toEqual([]);
  });
});

describe("a failed start", () => {
  it("is an exit with code 128 and the reason", async () => {
    const { exits, exit } = fixture();
    await exits.settleStartError(STARTED, "cannot run");
    expect(exit()).toMatchObject({ code: 128, reason: "StartError", message: "cannot run" });
  });

  it("that LXD knows nothing of does not show where it could not be recorded: the next lxe would not show it either", async () => {
    const record = containerRecord();
    const { exits, exit, index } = fixture({ record, patchFails: true });
    await exits.settleStartError(record, "cannot run");
    expect(exit()).toBeUndefined();
    expect(index.findContainer(record.id)?.state).toBe(ContainerState.CONTAINER_CREATED);
  });

  it.each(["before", "while", "after"])("is told from an unknown end when LXD's event came %s", async (when) => {
    const { exits, exit, answerLog } = fixture({ lxcLog: START });
    if (when === "after") {
      await exits.settleStartError(STARTED, "cannot run");
      const known = { ...STARTED, ...(exit() && { exit: exit() }) };
      await exits.settle(known as ContainerRecord);
    } else {
      const byEvent = exits.settle(STARTED);
      if (when === "before") {
        answerLog();
        await byEvent;
      }
      const failed = exits.settleStartError(STARTED, "cannot run");
      await settled();
      answerLog();
      await Promise.all([byEvent, failed]);
    }
    expect(exit()).toMatchObject({ code: 128, reason: "StartError", message: "cannot run" });
  });
});
