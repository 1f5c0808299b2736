/**
 * UpdatePodSandboxResources: tells a runtime whose pods are virtual machines how large the pod is now. The kubelet changes the pod's cgroup itself, a pause
 * instance has no limits of its own, and no status tells of them: nothing is kept.
 */

import type { UpdatePodSandboxResourcesRequest, UpdatePodSandboxResourcesResponse } from "@lxe/cri";
import type { Context } from "../context.ts";

export async function updatePodSandboxResources(
  { index }: Context,
  { podSandboxId }: UpdatePodSandboxResourcesRequest,
): Promise<UpdatePodSandboxResourcesResponse> {
  index.sandbox(podSandboxId); // an unknown one is an error
  return {};
}
