/** What an lxe shows that starts after one that was killed: nothing goes back behind what that one has shown. */
import { ContainerState } from "@lxe/cri";
import type { Rule } from "@lxe/fake-lxd";
import { expect, test } from "vitest";
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
/** The exit cannot be recorded: LXD does not answer for longer than anybody waits. */
const hanging: Rule = {
  match: { method: "PATCH", path: /^\/1\.0\/instances\// },
  action: { kind: "delay", ms: 600_000 },
  times: 1,
};
const slowLog: Rule = { match: { method: "GET", path: /\/logs\/lxc\.log$/ }, action: { kind: "delay", ms: 1000 } };

function onViolation(violation: Error): never {
  throw violation;
}

test("a container that was shown as ended shows so from the first list on, though LXD has no record of that", async () => {
  const time = new VirtualTime();
  const trace = new Trace(() => time.elapsedMs);
  const observer = { onRequest: () => undefined, onReply: () => undefined };
  const node = new SimulatedNode({ time, random: new Random(1), trace, observer, onBoundary: () => undefined });
  const calls = new CriCalls({ node, time, trace, onViolation });
  const startLxe = async (): Promise<void> => {
    const { session } = node.startLxe();
    while (!session.synchronised) await time.sleep(10);
  };
  const states = async (): Promise<ContainerState[]> => {
    const { containers } = await calls.call("listContainers", { filter: undefined });
    return containers.map(({ state }) => state);
  };
  const run = async (): Promise<void> => {
    await node.prepare();
    await startLxe();
    node.disk.makeDirectories(podDirectory(pod), 0o755);
    const config = sandboxConfig(pod, 0);
    const { podSandboxId } = await calls.call("runPodSandbox", { config, runtimeHandler: "" });
    const request = { podSandboxId, config: containerConfig(pod, app, 0), sandboxConfig: config };
    const { containerId } = await calls.call("createContainer", request);
    await calls.call("startContainer", { containerId });
    for (const rule of [hanging, slowLog]) node.lxd.rules.add(rule);
    await calls.call("stopContainer", { containerId, timeout: 0n });
    expect(await states()).toEqual([ContainerState.CONTAINER_EXITED]);
    node.killLxe("the exit is not recorded");
    await startLxe();
    expect(await states()).toEqual([ContainerState.CONTAINER_EXITED]);
    node.killLxe("the test ends");
  };
  await time.drive(run());
});
