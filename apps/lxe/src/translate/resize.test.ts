import { type DeepPartial, LinuxContainerResources } from "@lxe/cri";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cgroupSettings, mergeResources, resourceConfig } from "./resize.ts";
import { translateResources } from "./resources.ts";

type Asked = DeepPartial<LinuxContainerResources>;
const V1 = { cgroupVersion: 1, oomScoreAdjMin: -1000, limitsSwap: false } as const;
const V2 = { cgroupVersion: 2, oomScoreAdjMin: -1000, limitsSwap: true } as const;
const GIB = 1024n ** 3n;

const full = (asked: Asked): LinuxContainerResources => LinuxContainerResources.fromPartial(asked);

describe("merged resources", () => {
  it.each<{ what: string; before?: Asked; asked: Asked; after: Asked }>([
    { what: "nothing asked of nothing", asked: {}, after: {} },
    { what: "what was not there", asked: { cpuShares: 2n }, after: { cpuShares: 2n } },
    { what: "zero", before: { cpuShares: 2n, cpuQuota: 5000n }, asked: {}, after: { cpuShares: 2n, cpuQuota: 5000n } },
    { what: "-1", before: { cpuQuota: 5000n }, asked: { cpuQuota: -1n }, after: { cpuQuota: -1n } },
    {
      what: "an empty list of CPUs",
      before: { cpusetCpus: "0" },
      asked: { cpusetMems: "0" },
      after: { cpusetCpus: "0", cpusetMems: "0" },
    },
    {
      what: "more memory, and the same swap",
      before: { memoryLimitInBytes: GIB, memorySwapLimitInBytes: 3n * GIB },
      asked: { memoryLimitInBytes: 2n * GIB },
      after: { memoryLimitInBytes: 2n * GIB, memorySwapLimitInBytes: 4n * GIB },
    },
    {
      what: "more memory, and no swap",
      before: { memoryLimitInBytes: GIB, memorySwapLimitInBytes: GIB },
      asked: { memoryLimitInBytes: 2n * GIB },
      after: { memoryLimitInBytes: 2n * GIB, memorySwapLimitInBytes: 2n * GIB },
    },
    {
      what: "more memory, and unlimited swap",
      before: { memoryLimitInBytes: GIB, memorySwapLimitInBytes: -1n },
      asked: { memoryLimitInBytes: 2n * GIB },
      after: { memoryLimitInBytes: 2n * GIB, memorySwapLimitInBytes: -1n },
    },
    {
      what: "memory without a limit, and so with swap",
      before: { memoryLimitInBytes: GIB, memorySwapLimitInBytes: GIB },
      asked: { memoryLimitInBytes: -1n },
      after: { memoryLimitInBytes: -1n, memorySwapLimitInBytes: -1n },
    },
    {
      what: "a first limit of memory above the swap's",
      before: { memorySwapLimitInBytes: GIB },
      asked: { memoryLimitInBytes: 2n * GIB },
      after: { memoryLimitInBytes: 2n * GIB, memorySwapLimitInBytes: 2n * GIB },
    },
    {
      what: "swap alone",
      before: { memoryLimitInBytes: GIB },
      asked: { memorySwapLimitInBytes: 2n * GIB },
      after: { memoryLimitInBytes: GIB, memorySwapLimitInBytes: 2n * GIB },
    },
    {
      what: "pages of each size by itself",
      before: {
        hugepageLimits: [
          { pageSize: "2MB", limit: 4n },
          { pageSize: "1GB", limit: 0n },
        ],
      },
      asked: {
        hugepageLimits: [
          { pageSize: "2MB", limit: 0n },
          { pageSize: "1GB", limit: 1n },
          { pageSize: "64KB", limit: 0n },
        ],
      },
      after: {
        hugepageLimits: [
          { pageSize: "2MB", limit: 4n },
          { pageSize: "1GB", limit: 1n },
          { pageSize: "64KB", limit: 0n },
        ],
      },
    },
    {
      what: "each entry of unified by itself",
      before: { unified: { "memory.high": "1", "memory.low": "2" } },
      asked: { unified: { "memory.high": "3" } },
      after: { unified: { "memory.high": "3", "memory.low": "2" } },
    },
  ])("take $what", ({ before, asked, after }) => {
    expect(mergeResources(before && full(before), full(asked))).toEqual(full(after));
  });

  const swapped = fc.tuple(fc.bigInt(1n, GIB), fc.oneof(fc.constant(0n), fc.constant(-1n), fc.bigInt(0n, GIB)));
  const resources = fc
    .record({
      memory: fc.option(swapped, { nil: [0n, 0n] as const }),
      cpuPeriod: fc.oneof(fc.constant(0n), fc.bigInt(1000n, 1_000_000n)),
      cpuQuota: fc.oneof(fc.constant(0n), fc.constant(-1n), fc.bigInt(1000n, 1_000_000n)),
      cpuShares: fc.bigInt(0n, 300_000n),
      oomScoreAdj: fc.bigInt(-1000n, 1000n),
      cpusetCpus: fc.constantFrom("", "0", "0-1,3"),
      cpusetMems: fc.constantFrom("", "0"),
      hugepageLimits: fc.uniqueArray(fc.record({ pageSize: fc.constantFrom("2MB", "1GB"), limit: fc.bigInt(0n, 9n) }), {
        selector: ({ pageSize }) => pageSize,
      }),
      unified: fc.dictionary(fc.constantFrom("memory.high", "memory.oom.group"), fc.constantFrom("1", "max")),
    })
    .map(({ memory: [memoryLimitInBytes, more], ...rest }) =>
      full({ ...rest, memoryLimitInBytes, memorySwapLimitInBytes: more > 0n ? memoryLimitInBytes + more : more }),
    );

  it("are the same when nothing is asked, or the same again", () => {
    fc.assert(
      fc.property(resources, resources, (before, asked) => {
        expect(mergeResources(before, full({}))).toEqual(before);
        const after = mergeResources(before, asked);
        expect(mergeResources(after, asked)).toEqual(after);
      }),
    );
  });

  it("can be applied where each of the two can", () => {
    fc.assert(
      fc.property(resources, resources, (before, asked) => {
        // a sum below the limit that is there is refused by name
        fc.pre(asked.memorySwapLimitInBytes <= 0n || asked.memoryLimitInBytes > 0n);
        expect(() => translateResources(mergeResources(before, asked), V2)).not.toThrow();
      }),
    );
  });

  it("make the same instance as if it had been created with them", () => {
    fc.assert(
      fc.property(resources, resources, (before, asked) => {
        fc.pre(asked.memorySwapLimitInBytes <= 0n || asked.memoryLimitInBytes > 0n);
        const created = instance(before);
        const after = mergeResources(before, asked);
        expect(patched(created, resourceConfig(created, before, after, V2))).toEqual(instance(after));
      }),
    );
  });
});

const OTHERS =
  "lxc.log.level = info\nlxc.cgroup.dir.container = a/b\nlxc.cgroup2.devices.allow = a\nlxc.mount.entry = lxc.cgroup2.cpu.max x\n";

/** As one with these resources is created, its lines of resources last. */
function instance(resources: LinuxContainerResources): Record<string, string> {
  const { config, raw } = translateResources(resources, V2);
  return { "user.x": "y", ...config, "raw.lxc": OTHERS + raw.map(([key, value]) => `${key} = ${value}\n`).join("") };
}

/** As LXD does it: an empty value takes a key away. */
function patched(config: Record<string, string>, patch: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...config, ...patch }).filter(([, value]) => value !== ""));
}

describe("the config of a resized instance", () => {
  it("keeps every other line of raw.lxc, and takes away what is not limited any more", () => {
    const before = full({ memoryLimitInBytes: GIB, cpuQuota: 5000n, oomScoreAdj: 7n });
    const after = full({ ...before, memoryLimitInBytes: -1n, cpuQuota: -1n, oomScoreAdj: 8n });
    expect(resourceConfig(instance(before), before, after, V2)).toEqual({
      "limits.memory": "",
      "raw.lxc": `${OTHERS}lxc.proc.oom_score_adj = 8\n`,
    });
  });
});

describe("the settings of a running container's cgroup", () => {
  it.each<{ what: string; asked: Asked; node: typeof V1 | typeof V2; settings: string[] }>([
    { what: "shares in v1", asked: { cpuShares: 1024n }, node: V1, settings: ["cpu.shares 1024"] },
    { what: "shares in v2", asked: { cpuShares: 1024n }, node: V2, settings: ["cpu.weight 39"] },
    {
      what: "a quota in v1, which the former one must not meet with another period",
      asked: { cpuQuota: 5000n },
      node: V1,
      settings: ["cpu.cfs_quota_us -1", "cpu.cfs_period_us 100000", "cpu.cfs_quota_us 5000"],
    },
    {
      what: "a quota in v2",
      asked: { cpuQuota: 5000n, cpuPeriod: 10_000n },
      node: V2,
      settings: ["cpu.max 5000 10000"],
    },
    { what: "no quota in v1", asked: { cpuQuota: -1n }, node: V1, settings: ["cpu.cfs_quota_us -1"] },
    { what: "no quota in v2", asked: { cpuQuota: -1n }, node: V2, settings: ["cpu.max max 100000"] },
    {
      what: "CPUs and memory nodes",
      asked: { cpusetCpus: "0-1", cpusetMems: "0" },
      node: V2,
      settings: ["cpuset.cpus 0-1", "cpuset.mems 0"],
    },
    { what: "memory in v1: LXD sees to it", asked: { memoryLimitInBytes: GIB }, node: V1, settings: [] },
    { what: "no swap in v2", asked: { memoryLimitInBytes: GIB }, node: V2, settings: ["memory.swap.max 0"] },
    {
      what: "swap without a limit in v2",
      asked: { memoryLimitInBytes: -1n },
      node: V2,
      settings: ["memory.swap.max max"],
    },
    {
      what: "some swap in v1",
      asked: { memoryLimitInBytes: GIB, memorySwapLimitInBytes: 2n * GIB },
      node: V1,
      settings: [`memory.memsw.limit_in_bytes ${2n * GIB}`],
    },
    { what: "unified", asked: { unified: { "memory.high": "9" } }, node: V2, settings: ["memory.high 9"] },
    { what: "not a process's score", asked: { oomScoreAdj: 9n }, node: V2, settings: [] },
  ])("are those for $what", ({ asked, node, settings }) => {
    expect(cgroupSettings(full(asked), node).map(({ file, value }) => `${file} ${value}`)).toEqual(settings);
  });
});
