/** Many pods in fake-lxd, made through lxe: what reads, idling and starting are measured with. */
import type { CriClient } from "@lxe/cri";
import { containerConfig, forEach, podConfig } from "./pods.ts";
import type { Workbench } from "./workbench.ts";

export interface PopulationSize {
  readonly pods: number;
  readonly containersPerPod: number;
}

/** Ids of the containers; all of them run. */
export async function populate(cri: CriClient, bench: Workbench, size: PopulationSize): Promise<string[]> {
  const names = Array.from({ length: size.pods }, (_, index) => `pod-${index}`);
  const ids: string[] = [];
  await forEach(names, async (name) => void ids.push(...(await populatedPod(cri, bench, name, size.containersPerPod))));
  return ids;
}

async function populatedPod(cri: CriClient, bench: Workbench, name: string, containers: number): Promise<string[]> {
  const sandboxConfig = podConfig(bench, name);
  const { podSandboxId } = await cri.runPodSandbox({ config: sandboxConfig });
  const ids: string[] = [];
  for (let index = 0; index < containers; index++) {
    const config = containerConfig(bench, `main-${index}`);
    const { containerId } = await cri.createContainer({ podSandboxId, config, sandboxConfig });
    await cri.startContainer({ containerId });
    ids.push(containerId);
  }
  return ids;
}
