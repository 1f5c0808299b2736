/** What an lxe shows that starts after one that was killed: nothing goes back behind what that one has shown. */
import { ContainerState } from "@lxe/cri";
import type { Rule } from "@lxe/fake-lxd";
import { expect, test } from "vitest";
import { APP, POD, withOnePod } from "./one-pod.ts";
import { containerConfig, sandboxConfig } from "./plan.ts";

/** The exit cannot be recorded: LXD does not answer for longer than anybody waits. */
const hanging: Rule = {
  match: { method: "PATCH", path: /^\/1\.0\/instances\// },
  action: { kind: "delay", ms: 600_000 },
  times: 1,
};
const slowLog: Rule = { match: { method: "GET", path: /\/logs\/lxc\.log$/ }, action: { kind: "delay", ms: 1000 } };

test("a container that was shown as ended shows so from the first list on, though LXD has no record of that", async () => {
  await withOnePod(async ({ node, calls, startLxe }) => {
    const states = async (): Promise<ContainerState[]> => {
      const { containers } = await calls.call("listContainers", { filter: undefined });
      return containers.map(({ state }) => state);
    };
    const config = sandboxConfig(POD, 0);
    const { podSandboxId } = await calls.call("runPodSandbox", { config, runtimeHandler: "" });
    const request = { podSandboxId, config: containerConfig(POD, APP, 0), sandboxConfig: config };
    const { containerId } = await calls.call("createContainer", request);
    await calls.call("startContainer", { containerId });
    for (const rule of [hanging, slowLog]) node.lxd.rules.add(rule);
    await calls.call("stopContainer", { containerId, timeout: 0n });
    expect(await states()).toEqual([ContainerState.CONTAINER_EXITED]);
    node.killLxe("the exit is not recorded");
    await startLxe();
    expect(await states()).toEqual([ContainerState.CONTAINER_EXITED]);
  });
});
