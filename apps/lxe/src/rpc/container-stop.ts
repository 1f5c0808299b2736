/** StopContainer: returns when the container is EXITED. Outside the pod's lock: a grace period must not hold up the pod. */

import type { StopContainerRequest, StopContainerResponse } from "@lxe/cri";
import type { Context } from "../context.ts";

const GRACE_MAX_S = 86_400n * 365n;

export async function stopContainer(
  context: Context,
  { containerId, timeout }: StopContainerRequest,
): Promise<StopContainerResponse> {
  const container = context.index.findContainer(containerId);
  if (!container) return {}; // https://github.com/kubernetes/cri-api: already gone is success
  const seconds = timeout < 0n ? 0n : timeout > GRACE_MAX_S ? GRACE_MAX_S : timeout;
  await context.stopper.stop(container, Number(seconds) * 1000);
  return {};
}
