/** Starts an instance, a pause instance or a container's: where its cgroup goes can take it, and a failure says why. */

import { UnknownError } from "@lxe/cri";
import type { Context } from "./context.ts";
import { cgroupPathOf } from "./translate/cgroup.ts";
import { readStartErrors } from "./translate/exit-log.ts";

export interface StartedInstance {
  readonly instance: string;
  /** Of the pod, as the kubelet names it; empty for none. */
  readonly cgroupParent: string;
}

/** @throws UnknownError with LXC's reasons, where LXC could not start it; LXD's own error else. */
export async function startInstance(
  { lxd, kernel }: Context,
  { instance, cgroupParent }: StartedInstance,
  signal: AbortSignal,
): Promise<void> {
  await kernel.openCgroup(cgroupPathOf(cgroupParent, instance));
  try {
    await lxd.instances.setState(instance, { action: "start", timeout: -1 }, { signal });
  } catch (error) {
    // LXD's own error says only that it failed; LXC's log says why
    const log = await lxd.instances.logs.get(instance, "lxc.log", { signal }).catch(() => Buffer.alloc(0));
    const reasons = readStartErrors(log.toString());
    if (reasons === undefined || !(error instanceof Error)) throw error;
    throw new UnknownError(`${error.message}; LXC: ${reasons}`, { cause: error });
  }
}
