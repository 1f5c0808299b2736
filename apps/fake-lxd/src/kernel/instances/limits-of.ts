/** Limits that the guest kernel enforces; cgroup keys of raw.lxc come later in lxc.conf and win. */
import type { GuestLimits } from "../../guest/types.ts";
import { hostMemoryBytes } from "../../platform/host-memory.ts";
import { parseSize } from "../config/validators.ts";
import { memoryLimitBytes } from "../raw-lxc/base.ts";
import type { Config } from "../records.ts";

function first(...values: (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined && value !== "");
}

/** cgroup files take K, M and G, too. */
function bytesOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "max" || text === "-1") return undefined;
  return parseSize(
    text.replace(/^(\d+)([kKmMgG])$/, (_, digits: string, unit: string) => `${digits}${unit.toUpperCase()}iB`),
  );
}

export function limitsOf(config: Config, cgroup: Record<string, string>): GuestLimits {
  const memoryText = first(cgroup["memory.max"], cgroup["memory.limit_in_bytes"]);
  const memoryBytes = memoryText === undefined ? memoryLimitBytes(config, hostMemoryBytes) : bytesOf(memoryText);
  const pidsText = first(cgroup["pids.max"], config["limits.processes"]);
  const pids = pidsText === undefined || !/^\d+$/.test(pidsText) ? undefined : Number(pidsText);
  return { ...(memoryBytes !== undefined && { memoryBytes }), ...(pids !== undefined && { pids }) };
}
