/** RemoveContainer: kills it if it runs. The CRI log file stays: the kubelet removes it. */

import type { RemoveContainerRequest, RemoveContainerResponse } from "@lxe/cri";
import { isLxdError } from "@lxe/lxd-client";
import type { Context } from "../context.ts";
import { endHolder, hasTerminal } from "../exec/app-terminal.ts";
import { endInput } from "../exec/input.ts";
import type { ContainerRecord } from "../model/records.ts";
import { sandboxLockOf } from "./sandbox-lock.ts";

export async function removeContainer(
  context: Context,
  { containerId }: RemoveContainerRequest,
): Promise<RemoveContainerResponse> {
  const container = context.index.findContainer(containerId);
  if (!container) return {};
  await context.podLock.run(sandboxLockOf(context, container), async () => {
    const current = context.index.findContainer(container.id);
    if (!current) return; // removed while this call waited
    await context.stopper.stop(current, 0);
    await deleteContainer(context, current);
  });
  return {};
}

/** Deletes a container that does not run. The caller holds the pod's lock. */
export async function deleteContainer(context: Context, container: ContainerRecord): Promise<void> {
  const { id, instance } = container;
  const { lxd, logs, files, mounts, paths, reconciler, exits } = context;
  const { directory, logState, rootfs } = paths.container(instance);
  await exits.settled(container);
  await logs.drop(id);
  // LXC's hooks have not run to their end where LXD was away; some storage cannot delete what is mounted
  await mounts.unmount(rootfs);
  try {
    await lxd.instances.delete(instance);
  } catch (error) {
    if (!isLxdError(error, "not-found")) throw error;
  }
  await endInput(context, container);
  if (hasTerminal(container)) await endHolder(context, instance); // of a start that was not finished
  await files.removeTree(directory);
  await files.removeTree(logState);
  await reconciler.read(instance);
}
