/**
 * UpdateContainerResources → what changes of an instance, and what of a running container's cgroup LXD does not change by itself. Pure: where the
 * cgroup's files are is `platform/cgroups.ts`'s.
 */

import { type HugepageLimit, LinuxContainerResources } from "@lxe/cri";
import type { CgroupSetting } from "../platform/cgroups.ts";
import type { LxdConfig } from "../store/config-keys.ts";
import { type NodeLimits, PERIOD_DEFAULT, translateResources } from "./resources.ts";
import { type RawLine, renderRawLxc } from "./raw-lxc.ts";

/** What is zero or empty in `asked` stays as it is. */
export function mergeResources(
  current: LinuxContainerResources | undefined,
  asked: LinuxContainerResources,
): LinuxContainerResources {
  const before = current ?? LinuxContainerResources.fromPartial({});
  return {
    cpuPeriod: asked.cpuPeriod || before.cpuPeriod,
    cpuQuota: asked.cpuQuota || before.cpuQuota,
    cpuShares: asked.cpuShares || before.cpuShares,
    memoryLimitInBytes: asked.memoryLimitInBytes || before.memoryLimitInBytes,
    memorySwapLimitInBytes: asked.memorySwapLimitInBytes || keptSwap(before, asked.memoryLimitInBytes),
    oomScoreAdj: asked.oomScoreAdj || before.oomScoreAdj,
    cpusetCpus: asked.cpusetCpus || before.cpusetCpus,
    cpusetMems: asked.cpusetMems || before.cpusetMems,
    hugepageLimits: mergeHugepages(before.hugepageLimits, asked.hugepageLimits),
    unified: { ...before.unified, ...asked.unified },
  };
}

/** CRI's swap limit is memory plus swap: that the swap stays as it is means another sum. */
function keptSwap(before: LinuxContainerResources, limit: bigint): bigint {
  const { memoryLimitInBytes: oldLimit, memorySwapLimitInBytes: total } = before;
  if (limit === 0n || total <= 0n) return total;
  if (limit < 0n) return -1n;
  if (oldLimit > 0n) return limit + (total - oldLimit);
  return total < limit ? limit : total;
}

function mergeHugepages(before: readonly HugepageLimit[], asked: readonly HugepageLimit[]): HugepageLimit[] {
  const limits = new Map(before.map(({ pageSize, limit }) => [pageSize, limit]));
  for (const { pageSize, limit } of asked) if (limit !== 0n || !limits.has(pageSize)) limits.set(pageSize, limit);
  return [...limits].map(([pageSize, limit]) => ({ pageSize, limit }));
}

/**
 * The part of an instance's config that the resources decide: an empty value takes a key away. `before` are the resources that `config`
 * was made of.
 */
export function resourceConfig(
  config: LxdConfig,
  before: LinuxContainerResources | undefined,
  after: LinuxContainerResources | undefined,
  node: NodeLimits,
): LxdConfig {
  const next = translateResources(after, node);
  const gone = Object.keys(translateResources(before, node).config).filter((key) => !(key in next.config));
  return {
    ...Object.fromEntries(gone.map((key) => [key, ""])),
    ...next.config,
    "raw.lxc": replaceLines(config["raw.lxc"] ?? "", next.raw),
  };
}

/** Which keys of raw.lxc come from resources and nothing else. */
const OF_RESOURCES = /^\s*lxc\.(?:cgroup2?\.(?!dir\b|relative\b|devices\b)|proc\.oom_score_adj\b)/;

function replaceLines(raw: string, lines: readonly RawLine[]): string {
  const kept = raw.split("\n").filter((line) => !OF_RESOURCES.test(line));
  return kept.join("\n").replace(/\n*$/, "\n") + renderRawLxc(lines);
}

/**
 * What has to be written to a running container's cgroup, in this order, for the resources to be in force: all but what LXD does when its
 * own keys change.
 */
export function cgroupSettings(resources: LinuxContainerResources | undefined, node: NodeLimits): CgroupSetting[] {
  const { raw } = translateResources(resources, node);
  const prefix = node.cgroupVersion === 2 ? "lxc.cgroup2." : "lxc.cgroup.";
  const settings = raw.flatMap(([key, value]): CgroupSetting[] =>
    key.startsWith(prefix) ? [{ file: key.slice(prefix.length), value }] : [],
  );
  return resources ? [...unlimited(resources, node), ...settings] : settings;
}

/** What no line says, since a new cgroup has it. */
function unlimited(resources: LinuxContainerResources, node: NodeLimits): CgroupSetting[] {
  const { cpuQuota, cpuPeriod, memoryLimitInBytes } = resources;
  const settings: CgroupSetting[] = [];
  if (node.cgroupVersion === 1) {
    // also before another quota: a new period is refused where with the old quota it would be more than the pod's
    if (cpuQuota !== 0n) settings.push({ file: "cpu.cfs_quota_us", value: "-1" });
  } else {
    if (cpuQuota === -1n) settings.push({ file: "cpu.max", value: `max ${cpuPeriod || PERIOD_DEFAULT}` });
    if (memoryLimitInBytes === -1n && node.limitsSwap) settings.push({ file: "memory.swap.max", value: "max" });
  }
  return settings;
}
