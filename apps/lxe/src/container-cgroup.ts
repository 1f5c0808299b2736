/** A container's cgroup: where it is, and that it follows the resources that LXD has kept. */

import type { Context } from "./context.ts";
import { type ContainerRecord, isRunning, resourcesOf } from "./model/records.ts";
import { sandboxLockOf } from "./rpc/sandbox-lock.ts";
import { cgroupPathOf } from "./translate/cgroup.ts";
import { cgroupSettings } from "./translate/resize.ts";

/** As LXC takes it. */
export function cgroupOf({ index, config }: Pick<Context, "index" | "config">, container: ContainerRecord): string {
  const { instance, sandboxId } = container;
  const parent = index.findSandbox(sandboxId)?.config.linux?.cgroupParent ?? "";
  const isPlain = parent !== "" || config.lxdProject === "default";
  return cgroupPathOf(parent, isPlain ? instance : `${config.lxdProject}_${instance}`);
}

type CgroupContext = Pick<Context, "index" | "config" | "kernel" | "node">;

/** The caller holds the pod's lock. @throws an error that names what the kernel refused. */
export async function applyToCgroup(context: CgroupContext, container: ContainerRecord): Promise<void> {
  const settings = cgroupSettings(resourcesOf(container), context.node.facts());
  await context.kernel.setCgroup(cgroupOf(context, container), settings);
}

/**
 * For a running container whose resources are other ones than lxe knew: one that was killed may have changed them in LXD and not in the
 * cgroup, or LXD has come round to a change whose answer was lost.
 */
export async function followResources(
  context: CgroupContext & Pick<Context, "podLock">,
  container: ContainerRecord,
): Promise<void> {
  await context.podLock.run(sandboxLockOf(context, container), async () => {
    const current = context.index.findContainer(container.id);
    if (current && isRunning(current)) await applyToCgroup(context, current);
  });
}
