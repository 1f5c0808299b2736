/** Resources that change while a container is there, as of a pod that is resized in place. */
import {
  ContainerState,
  type DeepPartial,
  type LinuxContainerResources,
  type WindowsContainerResources,
} from "@lxe/cri";
import { expect } from "vitest";
import type { ArmInstance, CgroupFile } from "../arms/arm.ts";
import type { TestContainer } from "../support/container.ts";
import { lxdInstance } from "../support/lxd-instance.ts";
import { runPod } from "../support/pod.ts";
import { expectRefused } from "../support/refused.ts";
import { lxeScenario, scenario, type Theme } from "./scenario.ts";

type Resources = DeepPartial<LinuxContainerResources>;

const MIB = 1024n * 1024n;

const BEFORE = { memoryLimitInBytes: 64n * MIB, cpuPeriod: 100_000n, cpuQuota: 50_000n, cpuShares: 512n };
const AFTER = { memoryLimitInBytes: 128n * MIB, cpuPeriod: 100_000n, cpuQuota: 80_000n, cpuShares: 1024n };

const MEMORY = { v1: "memory.limit_in_bytes", v2: "memory.max" };
const QUOTA = { v1: "cpu.cfs_quota_us", v2: "cpu.max" };
const SHARES = { v1: "cpu.shares", v2: "cpu.weight" };
const CPUS = { v1: "cpuset.cpus", v2: "cpuset.cpus" };

const IN_FORCE = [
  [MEMORY, /^134217728$/],
  [QUOTA, /^80000( 100000)?$/],
  // runtimes that round another way have a weight of 100
  [SHARES, /^(1024|39|100)$/],
] as const;

const UNKNOWN = "0".repeat(64);

async function resize({ cri }: ArmInstance, { id }: TestContainer, linux: Resources): Promise<void> {
  await cri.updateContainerResources({ containerId: id, linux });
}

async function expectInForce(
  arm: ArmInstance,
  id: string,
  files: readonly (readonly [CgroupFile, RegExp])[],
): Promise<void> {
  if (!arm.cgroup) return;
  const { pid } = await arm.task(id);
  for (const [file, value] of files) expect(await arm.cgroup(pid, file), file.v1).toMatch(value);
}

/** What a restart would change. */
async function lifeOf(arm: ArmInstance, container: TestContainer): Promise<object> {
  const { state, startedAt, createdAt } = await container.status();
  return { state, startedAt, createdAt, pid: (await arm.task(container.id)).pid };
}

const refused: readonly {
  what: string;
  linux?: Resources;
  windows?: DeepPartial<WindowsContainerResources>;
  field: RegExp;
}[] = [
  { what: "less than no memory", linux: { memoryLimitInBytes: -5n }, field: /memory_?limit/i },
  { what: "a CPU period that no kernel takes", linux: { cpuPeriod: 1n, cpuQuota: 2000n }, field: /cpu_?period/i },
  { what: "a cpuset that is none", linux: { cpusetCpus: "zero" }, field: /cpuset_?cpus/i },
];

export const resizes: Theme = {
  name: "resize",
  scenarios: [
    scenario("CPU and memory of a running container change, and it is not restarted", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ config: { linux: { resources: BEFORE } } });
      const life = await lifeOf(arm, container);
      await resize(arm, container, AFTER);
      expect((await container.status()).resources?.linux).toMatchObject(AFTER);
      await expectInForce(arm, container.id, IN_FORCE);
      expect(await lifeOf(arm, container)).toEqual(life);
      if (arm.lxd) {
        const { config } = await lxdInstance(arm.lxd.client, container.id);
        expect(config["limits.memory"]).toBe(String(AFTER.memoryLimitInBytes));
      }
      await resize(arm, container, BEFORE);
      expect((await container.status()).resources?.linux).toMatchObject(BEFORE);
      await expectInForce(arm, container.id, [
        [MEMORY, /^67108864$/],
        [QUOTA, /^50000( 100000)?$/],
      ]);
      expect(await container.sh("echo alive")).toBe("alive\n");
      expect(await lifeOf(arm, container)).toEqual(life);
    }),

    scenario("what is zero or empty stays as it is", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ config: { linux: { resources: { ...BEFORE, cpusetCpus: "0" } } } });
      await resize(arm, container, { cpuQuota: 80_000n, cpuPeriod: 100_000n });
      await resize(arm, container, {});
      const expected = { ...BEFORE, cpuQuota: 80_000n, cpusetCpus: "0" };
      expect((await container.status()).resources?.linux).toMatchObject(expected);
      await expectInForce(arm, container.id, [
        [MEMORY, /^67108864$/],
        [QUOTA, /^80000( 100000)?$/],
        [CPUS, /^0$/],
      ]);
    }),

    scenario("a container is given other CPUs, and keeps them when others start", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ config: { linux: { resources: { cpusetCpus: "0" } } } });
      await resize(arm, container, { cpusetCpus: "0-1" });
      await expectInForce(arm, container.id, [[CPUS, /^0-1$/]]);
      await resize(arm, container, { cpusetCpus: "1" });
      await pod.start({ name: "neighbour" });
      expect((await container.status()).resources?.linux?.cpusetCpus).toBe("1");
      await expectInForce(arm, container.id, [[CPUS, /^1$/]]);
    }),

    scenario("a CPU limit is lifted by -1", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ config: { linux: { resources: BEFORE } } });
      await resize(arm, container, { cpuQuota: -1n });
      expect((await container.status()).resources?.linux?.cpuQuota).toBe(-1n);
      await expectInForce(arm, container.id, [[QUOTA, /^(-1|max 100000)$/]]);
    }),

    scenario("a container that has not been started starts with what it was given last", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.create({ config: { linux: { resources: BEFORE } } });
      await resize(arm, container, AFTER);
      expect(await container.status()).toMatchObject({
        state: ContainerState.CONTAINER_CREATED,
        resources: { linux: AFTER },
      });
      await container.start();
      expect((await container.status()).resources?.linux).toMatchObject(AFTER);
      await expectInForce(arm, container.id, IN_FORCE);
    }),

    scenario("one that was created without any gets some", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      await resize(arm, container, AFTER);
      expect((await container.status()).resources?.linux).toMatchObject(AFTER);
      await expectInForce(arm, container.id, IN_FORCE);
    }),

    scenario("of a container that has ended only what is told changes", async (arm) => {
      await using pod = await runPod(arm);
      const { container } = await pod.complete({ script: "exit 3", config: { linux: { resources: BEFORE } } });
      const before = await container.status();
      await resize(arm, container, AFTER);
      const { resources, ...rest } = await container.status();
      expect(rest).toEqual(
        expect.objectContaining({ exitCode: 3, finishedAt: before.finishedAt, state: before.state }),
      );
      expect(resources?.linux).toMatchObject(AFTER);
    }),

    scenario("it outlives the runtime's end", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ config: { linux: { resources: BEFORE } } });
      await resize(arm, container, AFTER);
      await arm.runtime.stop("kill");
      await arm.runtime.start();
      expect((await container.status()).resources?.linux).toMatchObject(AFTER);
      await expectInForce(arm, container.id, IN_FORCE);
    }),

    scenario(
      "less memory than is in use is refused, and the former limit stays",
      async (arm) => {
        await using pod = await runPod(arm);
        const script = `x=$(head -c 40000000 /dev/zero | tr '\\0' x); echo full; trap 'exit 0' TERM; while true; do sleep 1000 & wait; done`;
        const container = await pod.start({ script, config: { linux: { resources: AFTER } } });
        await container.says("full");
        await expectRefused(
          arm,
          resize(arm, container, { memoryLimitInBytes: 16n * MIB }),
          "FAILED_PRECONDITION",
          /memory_limit/,
        );
        expect((await container.status()).resources?.linux).toMatchObject(AFTER);
        await expectInForce(arm, container.id, IN_FORCE);
        expect(await container.sh("echo alive")).toBe("alive\n");
      },
      ({ cgroup, lxd }) => (cgroup && lxd ? undefined : "lxe promises it, and only a kernel knows what is in use"),
    ),

    scenario(
      "CPUs that the node does not have are refused, and the former ones stay",
      async (arm) => {
        await using pod = await runPod(arm);
        const container = await pod.start({ config: { linux: { resources: { ...BEFORE, cpusetCpus: "0" } } } });
        const life = await lifeOf(arm, container);
        await expectRefused(
          arm,
          resize(arm, container, { cpusetCpus: "0-4000", cpuQuota: 80_000n }),
          "FAILED_PRECONDITION",
        );
        expect((await container.status()).resources?.linux).toMatchObject({ ...BEFORE, cpusetCpus: "0" });
        await expectInForce(arm, container.id, [
          [QUOTA, /^50000( 100000)?$/],
          [CPUS, /^0$/],
        ]);
        expect(await lifeOf(arm, container)).toEqual(life);
      },
      ({ cgroup }) => (cgroup ? undefined : "only a kernel knows which CPUs there are"),
    ),

    lxeScenario(
      "processes that run get another OOM score",
      "the reference leaves it as it is",
      async (arm) => {
        await using pod = await runPod(arm);
        const container = await pod.start({ config: { linux: { resources: { oomScoreAdj: 100n } } } });
        const life = await lifeOf(arm, container);
        expect(await container.sh("cat /proc/1/oom_score_adj")).toBe("100\n");
        await resize(arm, container, { oomScoreAdj: 500n });
        expect((await container.status()).resources?.linux?.oomScoreAdj).toBe(500n);
        expect(await container.sh("cat /proc/1/oom_score_adj")).toBe("500\n");
        expect(await lifeOf(arm, container)).toEqual(life);
      },
      ({ cgroup }) => (cgroup ? undefined : "only a kernel has such scores"),
    ),

    ...refused.map(({ what, field, ...asked }) =>
      scenario(`${what}: refused, and nothing changes`, async (arm) => {
        await using pod = await runPod(arm);
        const container = await pod.start({ config: { linux: { resources: BEFORE } } });
        const request = { containerId: container.id, ...asked };
        await expectRefused(arm, arm.cri.updateContainerResources(request), "INVALID_ARGUMENT", field);
        expect((await container.status()).resources?.linux).toMatchObject(BEFORE);
      }),
    ),

    scenario("an unknown container, and an unknown pod, are not found", async (arm) => {
      await expectRefused(
        arm,
        arm.cri.updateContainerResources({ containerId: UNKNOWN, linux: AFTER }),
        "NOT_FOUND",
        /0000/,
      );
      await expectRefused(
        arm,
        arm.cri.updatePodSandboxResources({ podSandboxId: UNKNOWN, resources: AFTER }),
        "NOT_FOUND",
        /0000/,
      );
    }),

    lxeScenario("the pod's own sums are taken", "the reference's version does not know the call", async (arm) => {
      await using pod = await runPod(arm);
      const before = await pod.status();
      await arm.cri.updatePodSandboxResources({ podSandboxId: pod.id, overhead: {}, resources: AFTER });
      expect(await pod.status()).toEqual(before);
    }),
  ],
};
