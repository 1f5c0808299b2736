/** A container's cgroup: where it is, and that it has the limits that no key of LXD's own gives it. */

import type { LinuxContainerResources } from "@lxe/cri";
import type { Context } from "./context.ts";
import { lxcNameOf } from "./lxd-place.ts";
import type { ContainerRecord } from "./model/records.ts";
import { cgroupPathOf } from "./translate/cgroup.ts";
import { cgroupSettings } from "./translate/resize.ts";

/** As LXC takes it. */
export function cgroupOf({ index, config }: Pick<Context, "index" | "config">, container: ContainerRecord): string {
  const { instance, sandboxId } = container;
  const parent = index.findSandbox(sandboxId)?.config.linux?.cgroupParent ?? "";
  return cgroupPathOf(parent, parent === "" ? lxcNameOf(config, instance) : instance);
}

/** The caller holds the pod's lock. @throws an error that names what the kernel refused. */
export async function setCgroup(
  { kernel, node, ...context }: Pick<Context, "index" | "config" | "kernel" | "node">,
  container: ContainerRecord,
  resources: LinuxContainerResources | undefined,
): Promise<void> {
  await kernel.setCgroup(cgroupOf(context, container), cgroupSettings(resources, node.facts()));
}
