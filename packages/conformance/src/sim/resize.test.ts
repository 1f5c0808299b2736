/** UpdateContainerResources of one running container, when lxe is killed in the middle, LXD is late, or the kernel refuses. */
import type { Rule } from "@lxe/fake-lxd";
import { expect, test } from "vitest";
import { APP, type OnePod, POD, withOnePod } from "./one-pod.ts";
import { containerConfig, NO_LIMITS, resourcesFor, sandboxConfig } from "./plan.ts";

/** Longer than anybody waits. */
const HANG_MS = 600_000;
const hanging: Rule = {
  match: { method: "PATCH", path: /^\/1\.0\/instances\// },
  action: { kind: "delay", ms: HANG_MS },
  times: 1,
};

const MIB = 1024n * 1024n;
const FORMER = { memory: 64n * MIB, quota: 5_000n, shares: 102n };
const NEXT = { memory: 100n * MIB, quota: 20_000n, shares: 1024n };

interface Sizes {
  readonly shown: string;
  readonly inLxd: string;
  readonly inForce: string;
}

interface Resizable extends OnePod {
  readonly resize: (limits: typeof NEXT) => Promise<unknown>;
  /** Memory and quota; the kernel's is the quota alone. */
  readonly sizes: () => Promise<Sizes>;
}

function withContainer(run: (container: Resizable) => Promise<void>): Promise<void> {
  return withOnePod(async (pod) => {
    const { calls, node } = pod;
    const config = sandboxConfig(POD, 0);
    const { podSandboxId } = await calls.call("runPodSandbox", { config, runtimeHandler: "" });
    const plan = { ...APP, limits: FORMER };
    const request = { podSandboxId, config: containerConfig(POD, plan, 0), sandboxConfig: config };
    const { containerId } = await calls.call("createContainer", request);
    await calls.call("startContainer", { containerId });
    const resize = (limits: typeof NEXT): Promise<unknown> => {
      const linux = resourcesFor(limits);
      return calls
        .call("updateContainerResources", { containerId, linux, windows: undefined, annotations: {} })
        .catch((error: unknown) => error);
    };
    const sizes = async (): Promise<Sizes> => {
      const { status } = await calls.call("containerStatus", { containerId, verbose: false });
      const instances = await node.ownClient().instances.list({ recursion: 1 });
      const instance = instances.find((one) => one.config["user.lxe.id"] === containerId);
      const raw = instance?.config["raw.lxc"] ?? "";
      const quota = /^lxc\.cgroup\.cpu\.cfs_quota_us = (\d+)$/m.exec(raw)?.[1];
      const linux = status?.resources?.linux;
      return {
        shown: `${linux?.memoryLimitInBytes} ${linux?.cpuQuota}`,
        inLxd: `${instance?.config["limits.memory"]} ${quota}`,
        inForce: node.cgroups.read(instance?.name ?? "", "cpu.cfs_quota_us") ?? "as started",
      };
    };
    await run({ ...pod, resize, sizes });
  });
}

const sizesOf = ({ memory, quota }: typeof NEXT, inForce = String(quota)): Sizes => ({
  shown: `${memory} ${quota}`,
  inLxd: `${memory} ${quota}`,
  inForce,
});

test("a lxe that starts after one that was killed once LXD had kept the resources sees to it that they are in force", async () => {
  await withContainer(async ({ node, watch, startLxe, resize, sizes, time }) => {
    watch({
      onReply: (method) => {
        if (method === "PATCH") node.killLxe("the cgroup has not followed");
      },
    });
    expect(await resize(NEXT)).toMatchObject({ code: "UNAVAILABLE" });
    watch({});
    expect(node.lxe).toBeUndefined();
    await startLxe();
    await time.sleep(1000);
    expect(await sizes()).toEqual(sizesOf(NEXT));
  });
});

test("a request that LXD carries out late does not come after later ones, not even where all is again as it was before it", async () => {
  await withContainer(async ({ node, resize, sizes, time }) => {
    expect(await resize(FORMER)).toEqual({});
    node.lxd.rules.add(hanging);
    expect(await resize(NEXT)).toBeInstanceOf(Error);
    expect(await resize(NEXT)).toEqual({});
    expect(await sizes()).toEqual(sizesOf(NEXT));
    expect(await resize(FORMER)).toEqual({});
    await time.sleep(HANG_MS);
    expect(await sizes()).toEqual(sizesOf(FORMER));
  });
});

test("a request that LXD carries out late and that no other came after is in force", async () => {
  await withContainer(async ({ node, resize, sizes, time }) => {
    node.lxd.rules.add(hanging);
    expect(await resize(NEXT)).toBeInstanceOf(Error);
    expect(await sizes()).toEqual(sizesOf(FORMER, "as started"));
    await time.sleep(HANG_MS);
    expect(await sizes()).toEqual(sizesOf(NEXT));
  });
});

test("what the kernel refuses is put back", async () => {
  await withContainer(async ({ node, resize, sizes }) => {
    expect(await resize(NEXT)).toEqual({});
    node.cgroups.refusing = true;
    expect(await resize({ ...NO_LIMITS, quota: 5_000n })).toMatchObject({ code: "FAILED_PRECONDITION" });
    expect(await sizes()).toEqual(sizesOf(NEXT));
  });
});

test("what can neither be in force nor be put back is brought about when the kernel takes it", async () => {
  await withContainer(async ({ node, watch, resize, sizes, time }) => {
    node.cgroups.refusing = true;
    watch({
      onReply: (method) => {
        if (method !== "PATCH") return;
        watch({});
        node.lxd.rules.add({ ...hanging, action: { kind: "error", status: 500 } });
      },
    });
    expect(await resize(NEXT)).toBeInstanceOf(Error);
    await time.sleep(1000);
    expect(await sizes()).toEqual(sizesOf(NEXT, "as started"));
    node.cgroups.refusing = false;
    await time.sleep(30_000);
    expect(await sizes()).toEqual(sizesOf(NEXT));
  });
});
