/** Whether anything is left once all pods are removed. */
import type { ArmInstance } from "../arms/arm.ts";

/** A line for each thing that should not be there. */
export async function leftovers(arm: ArmInstance): Promise<string[]> {
  const [pods, containers, remains] = await Promise.all([
    arm.cri.listPodSandbox({}),
    arm.cri.listContainers({}),
    arm.remains(),
  ]);
  return [
    ...pods.items.map(({ id }) => `pod ${id}`),
    ...containers.containers.map(({ id }) => `container ${id}`),
    ...remains,
  ];
}
