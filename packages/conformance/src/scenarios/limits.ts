/** Memory and CPU limits, as the kernel has them. */
import { expect } from "vitest";
import { lxdInstance } from "../support/lxd-instance.ts";
import { runPod } from "../support/pod.ts";

import { scenario, type Theme } from "./scenario.ts";

const MIB = 1024n * 1024n;

const SMALL = { memoryLimitInBytes: 32n * MIB };
const GREEDY = ["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"];

const EXPECTED = [
  [{ v1: "memory.limit_in_bytes", v2: "memory.max" }, /^67108864$/],
  [{ v1: "cpu.cfs_quota_us", v2: "cpu.max" }, /^50000( 100000)?$/],
  [{ v1: "cpu.shares", v2: "cpu.weight" }, /^(512|20)$/],
  [{ v1: "cpuset.cpus", v2: "cpuset.cpus" }, /^0$/],
] as const;

export const limits: Theme = {
  name: "limits",
  scenarios: [
    scenario("are in force in the container's cgroup and told by the status", async (arm) => {
      await using pod = await runPod(arm);
      const resources = {
        memoryLimitInBytes: 64n * MIB,
        cpuPeriod: 100_000n,
        cpuQuota: 50_000n,
        cpuShares: 512n,
        cpusetCpus: "0",
      };
      const container = await pod.start({ config: { linux: { resources } } });
      expect((await container.status()).resources?.linux).toMatchObject(resources);
      const { pid } = await arm.task(container.id);
      if (arm.lxd) {
        const { config } = await lxdInstance(arm.lxd.client, container.id);
        expect(config["limits.memory"]).toBe(String(64n * MIB));
      }
      for (const [file, value] of arm.cgroup ? EXPECTED : [])
        expect(await arm.cgroup?.(pid, file), file.v1).toMatch(value);
    }),

    scenario("a container that takes more memory than it may is killed, and its neighbour is not", async (arm) => {
      await using pod = await runPod(arm);
      const neighbour = await pod.start({ name: "neighbour", config: { linux: { resources: SMALL } } });
      const { status } = await pod.complete({
        name: "greedy",
        config: { command: GREEDY, linux: { resources: SMALL } },
      });
      expect(status.exitCode).toBe(137);
      expect(await neighbour.sh("echo alive")).toBe("alive\n");
    }),

    scenario(
      "the reason of such an end is OOMKilled",
      async (arm) => {
        await using pod = await runPod(arm);
        const { status } = await pod.complete({ config: { command: GREEDY, linux: { resources: SMALL } } });
        expect(status).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
      },
      ({ cgroup }) => (cgroup ? undefined : "only a kernel's log tells of it, and the fake LXD has no kernel"),
    ),
  ],
};
