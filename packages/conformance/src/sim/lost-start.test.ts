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
const LIST_MS = 100;
/** As long as what hangs in LXD is waited for. */
const WAIT_MS = 300_000;

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
  /** As lists showed it, one after the other. */
  readonly states: readonly ContainerState[];
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
    const states = new Set<ContainerState>();
    const isOver = Promise.withResolvers<string>();
    const watch = async (): Promise<void> => {
      const { containers } = await calls.call("listContainers", { filter: undefined });
      for (const { state } of containers) states.add(state);
    };
    const answering = calls.call("startContainer", { containerId }).then(
      () => "OK",
      (error: { code: string }) => error.code,
    );
    void answering.then(async (answer) => {
      node.lxd.rules.clear();
      await time.sleep(WAIT_MS);
      isOver.resolve(answer);
    });
    let answer: string | undefined;
    while (answer === undefined) {
      await watch();
      answer = await Promise.race([isOver.promise, time.sleep(LIST_MS).then(() => undefined)]);
    }
    const { status } = await calls.call("containerStatus", { containerId, verbose: false });
    const instances = await node.ownClient().instances.list({ recursion: 1 });
    const instance = instances.find((one) => one.config["user.lxe.id"] === containerId);
    node.killLxe("the test ends");
    return { answer, states: [...states], reason: status?.reason, status: instance?.status, actions };
  };
  return time.drive(run());
}

const goesOn: Outcome = {
  answer: "OK",
  states: [ContainerState.CONTAINER_CREATED, ContainerState.CONTAINER_RUNNING],
  reason: "",
  status: "Running",
  actions: ["start"],
};
const hasFailed: Omit<Outcome, "actions"> = {
  answer: "UNKNOWN",
  states: [ContainerState.CONTAINER_CREATED, ContainerState.CONTAINER_EXITED],
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

test("a start that comes about while its stop hangs never shows as running, and is ended: that stop will come", async () => {
  const outcome = await start({ rules: [lostAnswer], next: [hanging] });
  const { actions, ...rest } = outcome;
  expect(rest).toEqual({ ...hasFailed, answer: "DEADLINE_EXCEEDED" });
  expect(actions).toEqual(["start", "stop", "stop"]);
});

test("a start that LXD refuses fails, and nothing runs", async () => {
  expect(await start({ rules: [refusal] })).toEqual({ ...hasFailed, actions: ["start", "stop"] });
});
