/** RemovePodSandbox: the pod with all its containers, from LXD and from the host. Log files are the kubelet's. */

import type { RemovePodSandboxRequest, RemovePodSandboxResponse } from "@lxe/cri";
import { isLxdError } from "@lxe/lxd-client";
import type { Context } from "../context.ts";
import { isReady } from "../model/records.ts";
import { removePodFiles } from "../pod-files.ts";
import { deleteContainer } from "./container-remove.ts";
import { stopSandbox } from "./sandbox-stop.ts";

export async function removePodSandbox(
  context: Context,
  { podSandboxId }: RemovePodSandboxRequest,
): Promise<RemovePodSandboxResponse> {
  const { index, lxd, podLock, reconciler } = context;
  const sandbox = index.findSandbox(podSandboxId);
  if (!sandbox) return {};
  await podLock.run(sandbox.instance, async () => {
    const current = index.findSandbox(sandbox.id);
    if (!current) return; // removed while this call waited
    await stopSandbox(context, sandbox, !isReady(current) && !current.uncertain);
    for (const container of index.containersOf(sandbox.id)) await deleteContainer(context, container);
    try {
      await lxd.instances.delete(sandbox.instance);
    } catch (error) {
      if (!isLxdError(error, "not-found")) {
        // when it runs after all, a repeated request finds that
        await reconciler.read(sandbox.instance);
        throw error;
      }
    }
    context.roots.forget(sandbox.id);
    await removePodFiles(context, sandbox.instance);
    await reconciler.read(sandbox.instance);
  });
  return {};
}
