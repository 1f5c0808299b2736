/** StopPodSandbox: everything in the pod is killed, its network goes. Unknown and stopped ones are fine: the kubelet repeats this call. */

import type { StopPodSandboxRequest, StopPodSandboxResponse } from "@lxe/cri";
import type { Context } from "../context.ts";
import type { SandboxRecord } from "../model/records.ts";
import { endInstance } from "../stop-instance.ts";

export async function stopPodSandbox(
  context: Context,
  { podSandboxId }: StopPodSandboxRequest,
): Promise<StopPodSandboxResponse> {
  const sandbox = context.index.findSandbox(podSandboxId);
  if (sandbox) await context.podLock.run(sandbox.instance, () => stopSandbox(context, sandbox));
  return {};
}

/** The caller holds the pod's lock. `isStopped`: its instance is known not to run, and LXD need not be asked for it. */
export async function stopSandbox(context: Context, sandbox: SandboxRecord, isStopped = false): Promise<void> {
  const { index, stopper, lxd, reconciler, files, paths, relays } = context;
  await Promise.all(index.containersOf(sandbox.id).map((container) => stopper.stop(container, 0)));
  await relays.end(sandbox.instance);
  if (!isStopped) {
    await endInstance(lxd, sandbox.instance);
    await reconciler.read(sandbox.instance);
  }
  await files.unmount(paths.pod(sandbox.instance).shm);
}
