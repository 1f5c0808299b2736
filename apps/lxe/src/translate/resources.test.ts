import { type DeepPartial, LinuxContainerResources } from "@lxe/cri";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { translateResources, weightOf } from "./resources.ts";

type Asked = DeepPartial<LinuxContainerResources>;
const V1 = { cgroupVersion: 1, oomScoreAdjMin: -1000, limitsSwap: false } as const;
const V2 = { cgroupVersion: 2, oomScoreAdjMin: -1000, limitsSwap: true } as const;
const GIB = 1024n ** 3n;

const translate = (asked: Asked, node: typeof V1 | typeof V2 = V2) =>
  translateResources(LinuxContainerResources.fromPartial(asked), node);

describe("resources", () => {
  it("are left to LXD when none are given", () => {
    expect(translateResources(undefined, V2)).toEqual({ config: {}, raw: [] });
    expect(translate({})).toEqual({ config: {}, raw: [] });
  });

  it.each<{ what: string; asked: Asked; raw?: [string, string][]; config?: Record<string, string> }>([
    {
      what: "cpu_shares",
      asked: { cpuShares: 1024n },
      raw: [
        ["lxc.cgroup.cpu.shares", "1024"],
        ["lxc.cgroup2.cpu.weight", "39"],
      ],
    },
    {
      what: "cpu_shares below the kernel's least",
      asked: { cpuShares: 1n },
      raw: [
        ["lxc.cgroup.cpu.shares", "2"],
        ["lxc.cgroup2.cpu.weight", "1"],
      ],
    },
    {
      what: "cpu_shares above the kernel's most",
      asked: { cpuShares: 1_000_000n },
      raw: [
        ["lxc.cgroup.cpu.shares", "262144"],
        ["lxc.cgroup2.cpu.weight", "10000"],
      ],
    },
    {
      what: "cpu_quota with the default period",
      asked: { cpuQuota: 50_000n },
      raw: [
        ["lxc.cgroup.cpu.cfs_period_us", "100000"],
        ["lxc.cgroup.cpu.cfs_quota_us", "50000"],
        ["lxc.cgroup2.cpu.max", "50000 100000"],
      ],
    },
    {
      what: "cpu_quota and cpu_period",
      asked: { cpuQuota: 10_000n, cpuPeriod: 20_000n },
      raw: [
        ["lxc.cgroup.cpu.cfs_period_us", "20000"],
        ["lxc.cgroup.cpu.cfs_quota_us", "10000"],
        ["lxc.cgroup2.cpu.max", "10000 20000"],
      ],
    },
    { what: "an unlimited cpu_quota", asked: { cpuQuota: -1n } },
    { what: "cpu_period alone", asked: { cpuPeriod: 100_000n } },
    {
      what: "cpuset_cpus, whose lone numbers LXD would take for counts",
      asked: { cpusetCpus: "0,2-3,11" },
      raw: [
        ["lxc.cgroup.cpuset.cpus", "0,2-3,11"],
        ["lxc.cgroup2.cpuset.cpus", "0,2-3,11"],
      ],
      config: { "limits.cpu": "0-0,2-3,11-11" },
    },
    {
      what: "cpuset_mems",
      asked: { cpusetMems: "1" },
      raw: [
        ["lxc.cgroup.cpuset.mems", "1"],
        ["lxc.cgroup2.cpuset.mems", "1"],
      ],
    },
    {
      what: "memory, which means no swap",
      asked: { memoryLimitInBytes: GIB },
      raw: [["lxc.cgroup2.memory.swap.max", "0"]],
      config: { "limits.memory": String(GIB) },
    },
    { what: "unlimited memory", asked: { memoryLimitInBytes: -1n } },
    {
      what: "memory without swap",
      asked: { memoryLimitInBytes: GIB, memorySwapLimitInBytes: GIB },
      raw: [["lxc.cgroup2.memory.swap.max", "0"]],
      config: { "limits.memory": String(GIB) },
    },
    {
      what: "memory with swap",
      asked: { memoryLimitInBytes: GIB, memorySwapLimitInBytes: 3n * GIB },
      raw: [
        ["lxc.cgroup.memory.memsw.limit_in_bytes", String(3n * GIB)],
        ["lxc.cgroup2.memory.swap.max", String(2n * GIB)],
      ],
      config: { "limits.memory": String(GIB) },
    },
    {
      what: "memory with unlimited swap",
      asked: { memoryLimitInBytes: GIB, memorySwapLimitInBytes: -1n },
      raw: [
        ["lxc.cgroup.memory.memsw.limit_in_bytes", "-1"],
        ["lxc.cgroup2.memory.swap.max", "max"],
      ],
      config: { "limits.memory": String(GIB) },
    },
    { what: "swap without a memory limit", asked: { memorySwapLimitInBytes: GIB } },
    { what: "oom_score_adj", asked: { oomScoreAdj: 1000n }, raw: [["lxc.proc.oom_score_adj", "1000"]] },
    {
      what: "hugepage_limits that are not 0",
      asked: {
        hugepageLimits: [
          { pageSize: "2MB", limit: 4n },
          { pageSize: "1GB", limit: 0n },
          { pageSize: "16MB", limit: 0n },
        ],
      },
      config: { "limits.hugepages.2MB": "4" },
    },
    {
      what: "unified",
      asked: { unified: { "memory.oom.group": "1", "memory.high": "max" } },
      raw: [
        ["lxc.cgroup2.memory.oom.group", "1"],
        ["lxc.cgroup2.memory.high", "max"],
      ],
    },
  ])("translate $what", ({ asked, raw = [], config = {} }) => {
    expect(translate(asked)).toEqual({ raw, config });
  });

  it("leave swap alone where the kernel does not limit it", () => {
    const asked = LinuxContainerResources.fromPartial({ memoryLimitInBytes: GIB });
    expect(translateResources(asked, { ...V2, limitsSwap: false }).raw).toEqual([]);
  });

  it("raise an oom_score_adj to the least that the node allows", () => {
    const asked = LinuxContainerResources.fromPartial({ oomScoreAdj: -997n });
    const { raw } = translateResources(asked, { ...V2, oomScoreAdjMin: 0 });
    expect(raw).toEqual([["lxc.proc.oom_score_adj", "0"]]);
  });

  it.each<[field: string, asked: Asked]>([
    ["cpu_shares", { cpuShares: -1n }],
    ["cpu_quota", { cpuQuota: -2n }],
    ["cpu_quota", { cpuQuota: 999n }],
    ["cpu_period", { cpuPeriod: -1n }],
    ["cpu_period", { cpuPeriod: 999n }],
    ["cpu_period", { cpuPeriod: 1_000_001n }],
    ["memory_limit_in_bytes", { memoryLimitInBytes: -2n }],
    ["memory_swap_limit_in_bytes", { memoryLimitInBytes: 2n, memorySwapLimitInBytes: 1n }],
    ["memory_swap_limit_in_bytes", { memoryLimitInBytes: 2n, memorySwapLimitInBytes: -2n }],
    ["oom_score_adj", { oomScoreAdj: 1001n }],
    ["oom_score_adj", { oomScoreAdj: -1001n }],
    ["cpuset_cpus", { cpusetCpus: "0-" }],
    ["cpuset_cpus", { cpusetCpus: "0\nlxc.hook.start = /x" }],
    ["cpuset_mems", { cpusetMems: "all" }],
    ["hugepage_limits", { hugepageLimits: [{ pageSize: "3MB", limit: 1n }] }],
    ["unified", { unified: { "memory.high": "1\n2" } }],
    ["unified", { unified: { memory: "1" } }],
    ["unified", { unified: { "../memory.max": "1" } }],
  ])("name %s when it cannot be applied: %o", (field, asked) => {
    expect(() => translate(asked)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(() => translate(asked)).toThrow(`linux.resources.${field}`);
  });

  it("refuse unified on a node with cgroup v1", () => {
    expect(() => translate({ unified: { "memory.high": "1" } }, V1)).toThrow("linux.resources.unified");
  });
});

describe("a weight", () => {
  it("lies in 1..10000 and grows with the shares", () => {
    const shares = fc.bigInt({ min: 2n, max: 262_144n });
    fc.assert(
      fc.property(shares, shares, (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(weightOf(less)).toBeGreaterThanOrEqual(1n);
        expect(weightOf(more)).toBeLessThanOrEqual(10_000n);
        expect(weightOf(less)).toBeLessThanOrEqual(weightOf(more));
      }),
    );
  });
});
