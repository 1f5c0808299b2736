/** StartContainer when LXD's answer to the start does not arrive: what the caller is told, and what becomes of the container. */
import { ContainerState } from "@lxe/cri";
import type { Rule } from "@lxe/fake-lxd";
import { describe, expect, test } from "vitest";
import { CriCalls } from "./cri-calls.ts";
import { SimulatedNode } from "./node.ts";
import { type ContainerPlan, containerConfig, type PodPlan, podDirectory, sandboxConfig } from "./plan.ts";
import { Random } from "./random.ts";
import { VirtualTime } from "./time.ts";
import { Trace } from "./trace.ts";

const app: ContainerPlan = {
  name: "app",
  exitCode: undefined,
  lines: 1,
  gapMs: 0,
  onTerm: "handles",
  graceS: 10,
};
const pod: PodPlan = {
  name: "web",
  uid: "uid-1",
  containers: [app],
  restarts: false,
  lifetimeMs: Number.POSITIVE_INFINITY,
  isBrief: false,
  sharedPid: false,
};

const STATE = /^\/1\.0\/instances\/[^/]+\/state$/;
const SLOW_MS = 1000;

const lostAnswer: Rule = { match: { method: "PUT", path: STATE }, action: { kind: "lose-answer" }, times: 1 };
/** For longer than anybody waits. */
const hanging: Rule = { match: { method: "PUT", path: STATE }, action: { kind: "delay", ms: 600_000 }, times: 1 };
const refusal: Rule = { match: { method: "PUT", path: STATE }, action: { kind: "error", status: 500 }, times: 1 };
/** After a start that failed lxe reads LXC's log first: meanwhile the container comes to run. */
const slowLog: Rule = {
  match: { method: "GET", path: /\/logs\/lxc\.log$/ },
  action: { kind: "delay", ms: SLOW_MS },
  times: 1,
};
const noEvents: Rule = { match: { event: /./ }, action: { kind: "drop-event" } };
const unreadable: Rule = {
  match: { method: "GET", path: /^\/1\.0\/instances\/[^/]+$/ },
  action: { kind: "error", status: 500 },
};

interface Outcome {
  /** Of StartContainer. */
  readonly answer: string;
  readonly state: ContainerState | undefined;
  readonly reason: string | undefined;
  /** As LXD has it. */
  readonly status: string | undefined;
  /** What LXD was asked to do to the container meanwhile. */
  readonly actions: readonly string[];
}

function onViolation(violation: Error): never {
  throw violation;
}

interface Weather {
  /** When the container is started. */
  readonly rules: readonly Rule[];
  /** As soon as the request for that is over. */
  readonly next?: readonly Rule[];
  /** As soon as the container runs. */
  readonly later?: readonly Rule[];
}

/** A created container that is started while LXD follows the rules. */
function start({ rules, next = [], later = [] }: Weather): Promise<Outcome> {
  const time = new VirtualTime();
  const random = new Random(1);
  const trace = new Trace(() => time.elapsedMs);
  const actions: string[] = [];
  const observer = {
    onRequest: (method: string, path: string, body: string | undefined): void => {
      if (method === "PUT" && STATE.test(path)) actions.push((JSON.parse(body ?? "{}") as { action: string }).action);
    },
    onReply: (method: string, path: string): void => {
      if (method !== "PUT" || !STATE.test(path)) return;
      for (const rule of awaited.splice(0)) node.lxd.rules.add(rule);
    },
  };
  const awaited: Rule[] = [];
  const node = new SimulatedNode({ time, random, trace, observer, onBoundary: () => undefined });
  const calls = new CriCalls({ node, time, trace, onViolation });
  const run = async (): Promise<Outcome> => {
    await node.prepare();
    const { session } = node.startLxe();
    while (!session.synchronised) await time.sleep(10);
    node.disk.makeDirectories(podDirectory(pod), 0o755);
    const config = sandboxConfig(pod, 0);
    const { podSandboxId } = await calls.call("runPodSandbox", { config, runtimeHandler: "" });
    const request = { podSandboxId, config: containerConfig(pod, app, 0), sandboxConfig: config };
    const { containerId } = await calls.call("createContainer", request);
    actions.length = 0;
    for (const rule of rules) node.lxd.rules.add(rule);
    awaited.push(...next);
    time.clock.setTimeout(() => later.forEach((rule) => node.lxd.rules.add(rule)), SLOW_MS / 2);
    const answer = await calls.call("startContainer", { containerId }).then(
      () => "OK",
      (error: { code: string }) => error.code,
    );
    node.lxd.rules.clear();
    // as long as what hangs in LXD is waited for
    await time.sleep(300_000);
    const { status } = await calls.call("containerStatus", { containerId, verbose: false });
    const instances = await node.ownClient().instances.list({ recursion: 1 });
    const instance = instances.find((one) => one.config["user.lxe.id"] === containerId);
    node.killLxe("the test ends");
    return { answer, state: status?.state, reason: status?.reason, status: instance?.status, actions };
  };
  return time.drive(run());
}

const goesOn: Outcome = {
  answer: "OK",
  state: ContainerState.CONTAINER_RUNNING,
  reason: "",
  status: "Running",
  actions: ["start"],
};
const hasFailed: Omit<Outcome, "actions"> = {
  answer: "UNKNOWN",
  state: ContainerState.CONTAINER_EXITED,
  reason: "StartError",
  status: "Stopped",
};

describe("a start whose answer is lost", () => {
  test("succeeds where the container shows as running, and stops nothing", async () => {
    expect(await start({ rules: [lostAnswer, slowLog] })).toEqual(goesOn);
  });

  test("stops nothing that shows as running where LXD cannot be asked any more: only the caller learns of that", async () => {
    expect(await start({ rules: [lostAnswer, slowLog], later: [unreadable] })).toEqual({
      ...goesOn,
      answer: "UNKNOWN",
    });
  });

  test("succeeds where only LXD knows that the container runs: its events were lost, too", async () => {
    expect(await start({ rules: [lostAnswer, slowLog, noEvents] })).toEqual(goesOn);
  });

  test("fails where the container does not run yet: what comes of the start is stopped", async () => {
    const { actions, ...outcome } = await start({ rules: [lostAnswer] });
    expect(outcome).toEqual(hasFailed);
    expect(new Set(actions)).toEqual(new Set(["start", "stop"]));
  });
});

test("a start that comes about while its stop hangs is not ended: lists have shown it as running", async () => {
  const outcome = await start({ rules: [lostAnswer], next: [hanging] });
  expect(outcome).toEqual({ ...goesOn, answer: "DEADLINE_EXCEEDED", actions: ["start", "stop"] });
});

test("a start that LXD refuses fails, and nothing runs", async () => {
  expect(await start({ rules: [refusal] })).toEqual({ ...hasFailed, actions: ["start", "stop"] });
});
