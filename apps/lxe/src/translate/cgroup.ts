/** Where an instance's cgroups go. Pure. */

import { InvalidArgumentError } from "@lxe/cri";
import { checkLine, type RawLine } from "./raw-lxc.ts";

/**
 * The payload below the pod's cgroup, so that the pod's limits hold; LXC's monitor outside of it, because the kubelet kills
 * what it finds there. A systemd parent may come as its last component alone: its slices are spelt out in its name.
 */
export function cgroupLines(parent: string, instance: string): RawLine[] {
  if (parent === "") return [];
  checkLine(parent, "linux.cgroup_parent");
  if (parent.split("/").includes(".."))
    throw new InvalidArgumentError(`linux.cgroup_parent is no plain path: ${JSON.stringify(parent)}`);
  return [
    ["lxc.cgroup.dir.container", cgroupPathOf(parent, instance)],
    ["lxc.cgroup.dir.monitor", `lxe.monitor/${instance}`],
  ];
}

/** Of an instance's payload, as LXC takes it; without a parent it is where LXC puts it by itself. */
export function cgroupPathOf(parent: string, instance: string): string {
  if (parent === "") return `lxc.payload.${instance}`;
  const alone = parent.endsWith(".slice") && !parent.slice(1).includes("/");
  const path = alone ? expandSlice(parent.replace(/^\//, "")) : parent;
  return [...path.split("/").filter(Boolean), instance].join("/");
}

/** `a-b.slice` → `a.slice/a-b.slice`. */
function expandSlice(slice: string): string {
  if (slice === "-.slice") return ""; // systemd's name for the root
  const parts = slice.slice(0, -".slice".length).split("-");
  return parts.map((_, index) => `${parts.slice(0, index + 1).join("-")}.slice`).join("/");
}
