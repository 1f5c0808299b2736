/** Memory and CPU limits, as the kernel has them. */
import { expect } from "vitest";
import { lxdInstance } from "../support/lxd-instance.ts";
import { runPod } from "../support/pod.ts";

import { scenario, type Theme } from "./scenario.ts";

const MIB = 1024n * 1024n;

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
      const { config, pid } = await lxdInstance(arm, container.id);
      expect(config["limits.memory"]).toBe(String(64n * MIB));
      for (const [file, value] of EXPECTED) {
        const seen = await arm.cgroup(pid, file);
        expect(seen === undefined || value.test(seen), `${file.v1} is ${seen}`).toBe(true);
      }
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
