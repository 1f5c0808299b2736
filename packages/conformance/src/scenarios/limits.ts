/** Memory and CPU limits, as the kernel has them. */
import { expect } from "vitest";
import { runPod } from "../support/pod.ts";
import type { TestContainer } from "../support/container.ts";
import { scenario, type Theme } from "./scenario.ts";

const MIB = 1024n * 1024n;

/** The container's own cgroup file, by its name in cgroup v2 or v1. */
const cgroupFile = (container: TestContainer, v2: string, v1: string): Promise<string> =>
  container.sh(`cat /sys/fs/cgroup/${v2} 2>/dev/null || cat /sys/fs/cgroup/${v1}`);

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
      const memory = await cgroupFile(container, "memory.max", "memory/memory.limit_in_bytes");
      expect(BigInt(memory.trim())).toBe(64n * MIB);
      const quota = await cgroupFile(container, "cpu.max", "cpu/cpu.cfs_quota_us");
      expect(quota.trim()).toMatch(/^50000( 100000)?$/);
      const cpus = await cgroupFile(container, "cpuset.cpus", "cpuset/cpuset.cpus");
      expect(cpus.trim()).toBe("0");
    }),

    scenario("a container that takes more memory than it may is OOMKilled, and its neighbour is not", async (arm) => {
      await using pod = await runPod(arm);
      const resources = { memoryLimitInBytes: 32n * MIB };
      const neighbour = await pod.start({ name: "neighbour", config: { linux: { resources } } });
      const command = ["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"];
      const { status } = await pod.complete({ name: "greedy", config: { command, linux: { resources } } });
      expect(status).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
      expect(await neighbour.sh("echo alive")).toBe("alive\n");
    }),
  ],
};
