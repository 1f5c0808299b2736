/**
 * LinuxContainerResources → LXD. What LXD's own limits are too coarse for goes through LXC's cgroup keys, for cgroup v1
 * and v2 both: LXC ignores those of the layout that the host does not have. Pure.
 */

import { InvalidArgumentError, type LinuxContainerResources } from "@lxe/cri";
import { checkLine, type RawLine } from "./raw-lxc.ts";

export interface NodeLimits {
  readonly cgroupVersion: 1 | 2;
  /** The lowest oom_score_adj that LXC can give a process here. */
  readonly oomScoreAdjMin: number;
  /** The kernel limits swap in cgroups of v2. */
  readonly limitsSwap: boolean;
}

export interface TranslatedResources {
  readonly config: Readonly<Record<string, string>>;
  readonly raw: readonly RawLine[];
}

const SHARES_MIN = 2n;
const SHARES_MAX = 262144n;
export const PERIOD_DEFAULT = 100000n;
/** Microseconds; the kernel's bounds. */
const QUOTA_MIN = 1000n;
const PERIOD_MAX = 1000000n;
const HUGEPAGE_SIZES = new Set(["64KB", "1MB", "2MB", "1GB"]);

/** @throws InvalidArgumentError naming the field that cannot be applied. */
export function translateResources(
  resources: LinuxContainerResources | undefined,
  node: NodeLimits,
): TranslatedResources {
  if (!resources) return { config: {}, raw: [] };
  return {
    config: { ...memoryConfig(resources), ...pinning(resources), ...hugepages(resources) },
    raw: [
      ...cpu(resources),
      ...cpuset(resources),
      ...swap(resources, node),
      ...oomScore(resources, node),
      ...unified(resources, node),
    ],
  };
}

function memoryConfig({ memoryLimitInBytes: limit }: LinuxContainerResources): Record<string, string> {
  if (limit < 0n && limit !== -1n) throw new InvalidArgumentError("linux.resources.memory_limit_in_bytes is negative");
  return limit > 0n ? { "limits.memory": String(limit) } : {};
}

function cpu(resources: LinuxContainerResources): RawLine[] {
  const { cpuShares: shares, cpuQuota: quota } = resources;
  const period = resources.cpuPeriod || PERIOD_DEFAULT;
  checkCpu(resources);
  const lines: RawLine[] = [];
  if (shares > 0n) {
    const bounded = shares < SHARES_MIN ? SHARES_MIN : shares > SHARES_MAX ? SHARES_MAX : shares;
    lines.push(["lxc.cgroup.cpu.shares", String(bounded)], ["lxc.cgroup2.cpu.weight", String(weightOf(bounded))]);
  }
  if (quota > 0n) {
    lines.push(
      ["lxc.cgroup.cpu.cfs_period_us", String(period)],
      ["lxc.cgroup.cpu.cfs_quota_us", String(quota)],
      ["lxc.cgroup2.cpu.max", `${quota} ${period}`],
    );
  }
  return lines;
}

/** What the kernel would refuse only when the container starts. */
function checkCpu({ cpuShares, cpuQuota, cpuPeriod }: LinuxContainerResources): void {
  if (cpuShares < 0n) throw new InvalidArgumentError("linux.resources.cpu_shares is negative");
  if (cpuQuota < -1n || (cpuQuota > 0n && cpuQuota < QUOTA_MIN)) {
    throw new InvalidArgumentError(`linux.resources.cpu_quota must be -1, 0 or at least ${QUOTA_MIN}, not ${cpuQuota}`);
  }
  if (cpuPeriod !== 0n && (cpuPeriod < QUOTA_MIN || cpuPeriod > PERIOD_MAX)) {
    throw new InvalidArgumentError(
      `linux.resources.cpu_period must lie in ${QUOTA_MIN}..${PERIOD_MAX}, not ${cpuPeriod}`,
    );
  }
}

/** Shares of cgroup v1 (2..262144) as a weight of cgroup v2 (1..10000), as every runtime maps them. */
export function weightOf(shares: bigint): bigint {
  return 1n + ((shares - SHARES_MIN) * 9999n) / (SHARES_MAX - SHARES_MIN);
}

/**
 * LXD spreads containers over all CPUs whenever one starts, and then overwrites the cgroup's list: only its own key keeps
 * them where they belong. A lone number would be a count of CPUs there.
 */
function pinning({ cpusetCpus }: LinuxContainerResources): Record<string, string> {
  if (cpusetCpus === "") return {};
  return { "limits.cpu": cpusetCpus.replace(/(?<![\d-])\d+(?![\d-])/g, "$&-$&") };
}

function cpuset({ cpusetCpus, cpusetMems }: LinuxContainerResources): RawLine[] {
  const lines: RawLine[] = [];
  for (const [file, list, field] of [
    ["cpuset.cpus", cpusetCpus, "cpuset_cpus"],
    ["cpuset.mems", cpusetMems, "cpuset_mems"],
  ] as const) {
    if (list === "") continue;
    if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list)) {
      throw new InvalidArgumentError(`linux.resources.${field} is not a list such as 0-2,4: ${JSON.stringify(list)}`);
    }
    lines.push([`lxc.cgroup.${file}`, list], [`lxc.cgroup2.${file}`, list]);
  }
  return lines;
}

/** No swap where memory is limited is CRI's default. LXD sees to that by itself in v1, and not in v2. */
function swap(
  { memoryLimitInBytes: limit, memorySwapLimitInBytes: total }: LinuxContainerResources,
  { limitsSwap }: NodeLimits,
): RawLine[] {
  if (limit <= 0n) return [];
  if (total === 0n || total === limit) return limitsSwap ? [["lxc.cgroup2.memory.swap.max", "0"]] : [];
  if (total !== -1n && total < limit) {
    throw new InvalidArgumentError(
      "linux.resources.memory_swap_limit_in_bytes is memory plus swap: it cannot be below memory_limit_in_bytes",
    );
  }
  return [
    ["lxc.cgroup.memory.memsw.limit_in_bytes", String(total)],
    ["lxc.cgroup2.memory.swap.max", total === -1n ? "max" : String(total - limit)],
  ];
}

function oomScore({ oomScoreAdj }: LinuxContainerResources, node: NodeLimits): RawLine[] {
  if (oomScoreAdj === 0n) return [];
  if (oomScoreAdj < -1000n || oomScoreAdj > 1000n) {
    throw new InvalidArgumentError(`linux.resources.oom_score_adj must lie in -1000..1000, not ${oomScoreAdj}`);
  }
  return [["lxc.proc.oom_score_adj", String(oomScoreOf(oomScoreAdj, node))]];
}

/** As low as it can be had. */
export function oomScoreOf(asked: bigint, { oomScoreAdjMin }: Pick<NodeLimits, "oomScoreAdjMin">): number {
  return Math.max(Number(asked), oomScoreAdjMin);
}

/** The kubelet lists every page size of the node; those with limit 0 are held by the pod's own cgroup. */
function hugepages({ hugepageLimits }: LinuxContainerResources): Record<string, string> {
  const config: Record<string, string> = {};
  for (const { pageSize, limit } of hugepageLimits) {
    if (limit === 0n) continue;
    if (!HUGEPAGE_SIZES.has(pageSize)) {
      throw new InvalidArgumentError(`linux.resources.hugepage_limits: LXD has no limit for pages of ${pageSize}`);
    }
    config[`limits.hugepages.${pageSize}`] = String(limit);
  }
  return config;
}

function unified({ unified: entries }: LinuxContainerResources, node: NodeLimits): RawLine[] {
  const pairs = Object.entries(entries);
  if (pairs.length > 0 && node.cgroupVersion !== 2) {
    throw new InvalidArgumentError("linux.resources.unified needs cgroup v2, and this node has v1");
  }
  return pairs.map(([file, value]): RawLine => {
    if (!/^[a-z0-9]+(\.[a-zA-Z0-9_-]+)+$/.test(file)) {
      throw new InvalidArgumentError(`linux.resources.unified: ${JSON.stringify(file)} is no cgroup file`);
    }
    checkLine(value, `linux.resources.unified: the value of ${file}`);
    return [`lxc.cgroup2.${file}`, value];
  });
}
