/** Containers that are resized while they run: what a kubelet asks for, and what must be shown and in force then. */
import { ContainerState, type ContainerStatus } from "@lxe/cri";
import type { Instance } from "@lxe/lxd-client";
import type { Cgroups } from "./cgroups.ts";
import type { KubeletOptions } from "./kubelet.ts";
import type { KnownContainer, Pod } from "./model.ts";
import { type Limits, pickLimits, resourcesFor } from "./plan.ts";
import { Violation } from "./violation.ts";

/** Once the kubelet wants it, it asks until the status shows it. */
export async function resize(kubelet: KubeletOptions, pod: Pod, container: KnownContainer): Promise<void> {
  const { calls, random } = kubelet;
  if (container.asked === undefined) container.asked = pickLimits(random);
  else if (await showsAsked(kubelet, pod, container)) return;
  const request = {
    containerId: container.id,
    linux: resourcesFor(container.asked),
    windows: undefined,
    annotations: {},
  };
  await calls.call("updateContainerResources", request, pod.plan.name);
  settle(container, true);
  const shown = await shownBy(kubelet, pod, container);
  if (shown !== textOf(container.limits))
    throw new Violation(`container ${container.id} was given ${textOf(container.limits)}, and shows ${shown}`);
}

/** Those that did not come about yet, and nothing new. */
export async function finishResizes(kubelet: KubeletOptions, pod: Pod): Promise<void> {
  for (const container of pod.liveContainers()) {
    try {
      if (isPending(container)) await resize(kubelet, pod, container);
    } catch (error) {
      if (error instanceof Violation) throw error;
    }
  }
}

const isPending = ({ asked, state, gone }: KnownContainer): boolean =>
  asked !== undefined && state === ContainerState.CONTAINER_RUNNING && !gone;

/** A kubelet that has got an error looks what came of it; there are two answers. */
async function showsAsked(kubelet: KubeletOptions, pod: Pod, container: KnownContainer): Promise<boolean> {
  const [before, after] = [textOf(container.limits), textOf(merged(container))];
  const shown = await shownBy(kubelet, pod, container);
  if (shown !== before && shown !== after)
    throw new Violation(`container ${container.id} had ${before}, was asked for ${after}, and shows ${shown}`);
  if (shown !== after) return false;
  settle(container, before !== after);
  return true;
}

async function shownBy({ calls }: KubeletOptions, { plan }: Pod, { id }: KnownContainer): Promise<string> {
  const { status } = await calls.call("containerStatus", { containerId: id, verbose: false }, plan.name);
  return textOf(limitsIn(status));
}

function limitsIn(status: ContainerStatus | undefined): Limits {
  const linux = status?.resources?.linux;
  return {
    memory: linux?.memoryLimitInBytes ?? 0n,
    quota: linux?.cpuQuota ?? 0n,
    shares: linux?.cpuShares ?? 0n,
  };
}

const textOf = ({ memory, quota, shares }: Limits): string => `memory ${memory} quota ${quota} shares ${shares}`;

function merged({ limits, asked }: KnownContainer): Limits {
  return {
    memory: asked?.memory || limits.memory,
    quota: asked?.quota || limits.quota,
    shares: asked?.shares || limits.shares,
  };
}

/** `isChanged`: somebody has carried it out, and not only found all as it was wanted. */
function settle(container: KnownContainer, isChanged: boolean): void {
  container.limits = merged(container);
  container.asked = undefined;
  container.isResized ||= isChanged;
}

/** In calm weather: why what LXD has, or the kernel, is not what the status shows. */
export function unsizedIn(pods: Iterable<Pod>, instances: readonly Instance[], cgroups: Cgroups): string | undefined {
  const byId = new Map(instances.map((instance) => [instance.config["user.lxe.id"], instance]));
  for (const pod of pods) {
    for (const container of pod.liveContainers()) {
      const instance = byId.get(container.id);
      if (isPending(container)) return `container ${container.id} of ${pod.plan.name} is not resized yet`;
      if (instance === undefined || container.asked !== undefined) continue;
      const problem = unsized(container, instance, cgroups);
      if (problem !== undefined)
        return `container ${container.id} (${instance.name}) should have ${textOf(container.limits)}, but has ${problem}`;
    }
  }
  return undefined;
}

function unsized(container: KnownContainer, instance: Instance, cgroups: Cgroups): string | undefined {
  const { memory, quota, shares } = container.limits;
  const { config, name } = instance;
  const kept = config["limits.memory"] ?? "0";
  if (kept !== String(memory)) return `limits.memory ${kept}`;
  for (const [file, value] of [
    ["cpu.cfs_quota_us", quota],
    ["cpu.shares", shares],
  ] as const) {
    const lines = (config["raw.lxc"] ?? "").split("\n").filter((line) => line.startsWith(`lxc.cgroup.${file} = `));
    const expected = value > 0n ? [`lxc.cgroup.${file} = ${value}`] : [];
    if (lines.join() !== expected.join()) return `in raw.lxc [${lines.join()}]`;
    const written = cgroups.read(name, file);
    const isLive = container.isResized && container.state === ContainerState.CONTAINER_RUNNING;
    if (isLive && value !== 0n && written !== String(value)) return `${file} ${written} in its cgroup`;
  }
  return undefined;
}
