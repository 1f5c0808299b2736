/** Ends an instance at once: a sandbox's, or a container's. */

import { isLxdError, type LxdClient } from "@lxe/lxd-client";

type Instances = { readonly instances: Pick<LxdClient["instances"], "setState"> };

/** Resolves when LXD says that it has stopped it. @throws LXD's own error, also where it does not run. */
export async function forceStop({ instances }: Instances, instance: string): Promise<void> {
  await instances.setState(instance, { action: "stop", force: true, timeout: -1 });
}

/** Resolves when it does not run, whoever stopped it; one that is gone is fine. */
export async function endInstance(lxd: Instances, instance: string): Promise<void> {
  try {
    await forceStop(lxd, instance);
  } catch (error) {
    if (!isLxdError(error, "already-stopped", "not-running", "not-found")) throw error;
  }
}
