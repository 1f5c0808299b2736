/** What LXD was asked for a sandbox, or a container, whose making failed, and does only when the next one is there. */
import { ContainerState, PodSandboxState } from "@lxe/cri";
import type { Rule } from "@lxe/fake-lxd";
import { describe, expect, test } from "vitest";
import { APP, POD, withOnePod } from "./one-pod.ts";
import { containerConfig, sandboxConfig } from "./plan.ts";

const STATE = /^\/1\.0\/instances\/[^/]+\/state$/;
/** Longer than anybody waits. */
const HANG_MS = 600_000;
const refusal: Rule = { match: { method: "PUT", path: STATE }, action: { kind: "error", status: 500 }, times: 1 };
const hang: Rule = { match: { method: "PUT", path: STATE }, action: { kind: "delay", ms: HANG_MS }, times: 1 };

interface Course {
  /** Of LXD, one for each request to start or stop the first sandbox. */
  readonly rules: readonly Rule[];
  readonly lxeIsKilled?: boolean;
  /** The next sandbox is stopped before LXD comes to what hangs. */
  readonly isStopped?: boolean;
}

interface Outcome {
  readonly state: PodSandboxState | undefined;
  /** Of all instances, as LXD has them. */
  readonly statuses: readonly string[];
}

/** Of the pod's second sandbox, made as soon as the first could not be, when LXD has done all that it was asked. */
function nextSandbox({ rules, lxeIsKilled = false, isStopped = false }: Course): Promise<Outcome> {
  return withOnePod(async ({ time, node, calls, watch, startLxe }) => {
    const awaited = [...rules];
    const addRule = (): void => {
      for (const rule of awaited.splice(0, 1)) node.lxd.rules.add(rule);
    };
    watch({
      onReply: (method, path) => {
        if (method === "PUT" && STATE.test(path)) addRule();
      },
    });
    const request = { config: sandboxConfig(POD, 0), runtimeHandler: "" };
    addRule();
    const failed = await calls.call("runPodSandbox", request, "", HANG_MS / 2).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(Error);
    if (lxeIsKilled) {
      node.killLxe("its memory is lost");
      await startLxe();
    }
    const { podSandboxId } = await calls.call("runPodSandbox", request);
    if (isStopped) await calls.call("stopPodSandbox", { podSandboxId });
    const before = await calls.call("podSandboxStatus", { podSandboxId, verbose: false });
    await time.sleep(HANG_MS);
    const { status } = await calls.call("podSandboxStatus", { podSandboxId, verbose: false });
    expect(status).toEqual(before.status);
    const instances = await node.ownClient().instances.list({ recursion: 1 });
    return { state: status?.state, statuses: instances.map((instance) => instance.status) };
  });
}

describe("the pod's next sandbox", () => {
  const runs: Outcome = { state: PodSandboxState.SANDBOX_READY, statuses: ["Running"] };
  const isOver: Outcome = { state: PodSandboxState.SANDBOX_NOTREADY, statuses: ["Stopped"] };

  test("stays stopped when LXD comes to the start of the one before it", async () => {
    expect(await nextSandbox({ rules: [hang], isStopped: true })).toEqual(isOver);
    expect(await nextSandbox({ rules: [hang], isStopped: true, lxeIsKilled: true })).toEqual(isOver);
  });

  test("is made at once, and goes on when LXD comes to the stop of the one before it", async () => {
    expect(await nextSandbox({ rules: [refusal, hang] })).toEqual(runs);
    expect(await nextSandbox({ rules: [refusal, hang], lxeIsKilled: true })).toEqual(runs);
  });
});

test("nothing is asked for a container that could not be made for want of room, that LXD could do to the next one", async () => {
  await withOnePod(async ({ time, node, calls }) => {
    const config = sandboxConfig(POD, 0);
    const { podSandboxId } = await calls.call("runPodSandbox", { config, runtimeHandler: "" });
    const first = { podSandboxId, config: containerConfig(POD, APP, 0), sandboxConfig: config };
    await calls.call("createContainer", first); // what is known of an image is found out once
    const request = { ...first, config: containerConfig(POD, APP, 1) };
    node.lxd.rules.add({ ...hang, match: { method: "DELETE", path: /^\/1\.0\/instances\// } });
    node.disk.full = true;
    const failed = await calls.call("createContainer", request).catch((error: unknown) => error);
    expect(failed).toMatchObject({ message: expect.stringContaining("ENOSPC") });
    node.disk.full = false;
    const { containerId } = await calls.call("createContainer", request);
    await calls.call("startContainer", { containerId });
    await time.sleep(HANG_MS);
    const { status } = await calls.call("containerStatus", { containerId, verbose: false });
    expect(status?.state).toBe(ContainerState.CONTAINER_RUNNING);
  });
});
