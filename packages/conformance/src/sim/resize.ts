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
  container.isShown = false;
  const request = {
    containerId: container.id,
    linux: resourcesFor(container.asked),
    windows: undefined,
    annotations: {},
  };
  await calls.call("updateContainerResources", request, pod.plan.name);
  settle(container);
  const shown = await shownBy(kubelet, pod, container);
  if (shown !== textOf(container.limits))
    throw new Violation(`container ${container.id} was given ${textOf(container.limits)}, and shows ${shown}`);
}

/** Those that did not come about yet, and nothing new. */
export async function finishResizes(kubelet: KubeletOptions, pod: Pod): Promise<void> {
  for (const container of pod.liveContainers()) {
    try {
      if (isAsked(container)) await resize(kubelet, pod, container);
    } catch (error) {
      if (error instanceof Violation) throw error;
    }
  }
}

const isAsked = ({ asked, state, gone }: KnownContainer): boolean =>
  asked !== undefined && state === ContainerState.CONTAINER_RUNNING && !gone;

/**
 * A kubelet that has got an error looks what came of it, and goes on looking: there are two answers, and while LXD is late the second may be
 * taken back.
 */
async function showsAsked(kubelet: KubeletOptions, pod: Pod, container: KnownContainer): Promise<boolean> {
  const [before, after] = [textOf(container.limits), textOf(merged(container))];
  const shown = await shownBy(kubelet, pod, container);
  if (shown !== before && shown !== after)
    throw new Violation(`container ${container.id} had ${before}, was asked for ${after}, and shows ${shown}`);
  container.isShown = shown === after;
  return container.isShown;
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

function settle(container: KnownContainer): void {
  container.limits = merged(container);
  container.asked = undefined;
  container.isResized = true;
}

/** In calm weather: why what LXD has, or the kernel, is not what the status shows. */
export function unsizedIn(pods: Iterable<Pod>, instances: readonly Instance[], cgroups: Cgroups): string | undefined {
  const byId = new Map(instances.map((instance) => [instance.config["user.lxe.id"], instance]));
  for (const pod of pods) {
    for (const container of pod.liveContainers()) {
      const instance = byId.get(container.id);
      if (isAsked(container) && !container.isShown)
        return `container ${container.id} of ${pod.plan.name} is not resized yet`;
      // of one that has ended nobody asks any more what came of a change
      if (instance === undefined || (container.asked !== undefined && !isAsked(container))) continue;
      const limits = merged(container);
      const problem = unsized(container, limits, instance, cgroups);
      if (problem !== undefined)
        return `container ${container.id} (${instance.name}) should have ${textOf(limits)}, but has ${problem}`;
    }
  }
  return undefined;
}

function unsized(container: KnownContainer, limits: Limits, instance: Instance, cgroups: Cgroups): string | undefined {
  const { memory, quota, shares } = limits;
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
    const isChanged = container.isResized || textOf(limits) !== textOf(container.limits);
    if (isChanged && container.state === ContainerState.CONTAINER_RUNNING && value !== 0n && written !== String(value))
      return `${file} ${written} in its cgroup`;
  }
  return undefined;
}
