/** StartContainer when LXD's answer to the start does not arrive: what the caller is told, and what becomes of the container. */
import { ContainerState } from "@lxe/cri";
import type { Rule } from "@lxe/fake-lxd";
import { describe, expect, test } from "vitest";
import { APP, POD, withOnePod } from "./one-pod.ts";
import { containerConfig, sandboxConfig } from "./plan.ts";

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
  return withOnePod(async ({ time, node, calls, watch }) => {
    const actions: string[] = [];
    const awaited = [...next];
    const addRules = (added: readonly Rule[]): void => {
      for (const rule of added) node.lxd.rules.add(rule);
    };
    const config = sandboxConfig(POD, 0);
    const { podSandboxId } = await calls.call("runPodSandbox", { config, runtimeHandler: "" });
    const request = { podSandboxId, config: containerConfig(POD, APP, 0), sandboxConfig: config };
    const { containerId } = await calls.call("createContainer", request);
    watch({
      onRequest: (method, path, body) => {
        if (method === "PUT" && STATE.test(path)) actions.push((JSON.parse(body ?? "{}") as { action: string }).action);
      },
      onReply: (method, path) => {
        if (method === "PUT" && STATE.test(path)) addRules(awaited.splice(0));
      },
    });
    addRules(rules);
    time.clock.setTimeout(() => addRules(later), SLOW_MS / 2);
    const states = new Set<ContainerState>();
    const isOver = new AbortController();
    const watchLists = async (): Promise<void> => {
      while (!isOver.signal.aborted) {
        const { containers } = await calls.call("listContainers", { filter: undefined });
        for (const { state } of containers) states.add(state);
        await time.sleep(LIST_MS);
      }
    };
    const watching = watchLists();
    const answer = await calls.call("startContainer", { containerId }).then(
      () => "OK",
      (error: { code: string }) => error.code,
    );
    node.lxd.rules.clear();
    await time.sleep(WAIT_MS);
    isOver.abort();
    await watching;
    const { status } = await calls.call("containerStatus", { containerId, verbose: false });
    const instances = await node.ownClient().instances.list({ recursion: 1 });
    const instance = instances.find((one) => one.config["user.lxe.id"] === containerId);
    return { answer, states: [...states], reason: status?.reason, status: instance?.status, actions };
  });
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
