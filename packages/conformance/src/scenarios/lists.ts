/** Lists, their filters, and ids that were typed by hand. */
import { ContainerState, type DeepPartial, type ContainerFilter, PodSandboxState } from "@lxe/cri";
import { expect } from "vitest";
import type { ArmInstance } from "../arms/arm.ts";
import { runPod } from "../support/pod.ts";
import { rejection } from "../support/rejection.ts";
import { scenario, type Theme } from "./scenario.ts";

const { CONTAINER_CREATED, CONTAINER_EXITED, CONTAINER_RUNNING } = ContainerState;

const ids = (...objects: readonly { id: string }[]): string[] => objects.map(({ id }) => id).toSorted();

/** A runtime may do without the streaming lists, as containerd 2.1 does; lxe may not. */
async function listed({ cri, lxd }: ArmInstance, filter: DeepPartial<ContainerFilter>): Promise<string[]> {
  const { containers } = await cri.listContainers({ filter });
  if (!lxd) return containers.map(({ id }) => id);
  const streamed: string[] = [];
  for await (const part of cri.streamContainers({ filter })) streamed.push(...part.containers.map(({ id }) => id));
  expect(streamed.toSorted()).toEqual(containers.map(({ id }) => id).toSorted());
  return containers.map(({ id }) => id);
}

async function listedPods({ cri, lxd }: ArmInstance, filter: object): Promise<string[]> {
  const { items } = await cri.listPodSandbox({ filter });
  if (!lxd) return items.map(({ id }) => id);
  const streamed: string[] = [];
  for await (const part of cri.streamPodSandboxes({ filter })) streamed.push(...part.podSandboxes.map(({ id }) => id));
  expect(streamed.toSorted()).toEqual(items.map(({ id }) => id).toSorted());
  return items.map(({ id }) => id);
}

export const lists: Theme = {
  name: "lists",
  scenarios: [
    scenario("of containers are filtered by id, pod, state and labels, and streamed alike", async (arm) => {
      await using one = await runPod(arm);
      await using two = await runPod(arm);
      const labels = { app: "web", tier: "front" };
      const running = await one.start({ name: "running", config: { labels } });
      const created = await one.create({ name: "created", config: { labels: { app: "web" } } });
      const { container: exited } = await two.complete({ name: "exited", script: "true" });
      const list = async (filter: DeepPartial<ContainerFilter>) => (await listed(arm, filter)).toSorted();

      expect(await list({})).toEqual(ids(running, created, exited));
      expect(await list({ id: running.id })).toEqual([running.id]);
      expect(await list({ id: running.id.slice(0, 13) })).toEqual([running.id]);
      expect(await list({ podSandboxId: one.id })).toEqual(ids(running, created));
      expect(await list({ podSandboxId: two.id.slice(0, 13) })).toEqual([exited.id]);
      expect(await list({ state: { state: CONTAINER_RUNNING } })).toEqual([running.id]);
      expect(await list({ state: { state: CONTAINER_CREATED } })).toEqual([created.id]);
      expect(await list({ state: { state: CONTAINER_EXITED } })).toEqual([exited.id]);
      expect(await list({ labelSelector: { app: "web" } })).toEqual(ids(running, created));
      expect(await list({ labelSelector: labels })).toEqual([running.id]);
      expect(await list({ labelSelector: { app: "we" } })).toEqual([]);
      expect(await list({ id: running.id, podSandboxId: two.id })).toEqual([]);
      expect(await list({ id: "0".repeat(64) })).toEqual([]);
    }),

    scenario("of pods are filtered by id, state and labels, and streamed alike", async (arm) => {
      await using ready = await runPod(arm, { config: { labels: { app: "web", tier: "front" } } });
      await using stopped = await runPod(arm, { config: { labels: { app: "web" } } });
      await stopped.stop();
      const list = async (filter: object) => (await listedPods(arm, filter)).toSorted();
      const both = [ready.id, stopped.id].toSorted();
      expect(await list({})).toEqual(both);
      expect(await list({ id: ready.id.slice(0, 13) })).toEqual([ready.id]);
      expect(await list({ state: { state: PodSandboxState.SANDBOX_READY } })).toEqual([ready.id]);
      expect(await list({ state: { state: PodSandboxState.SANDBOX_NOTREADY } })).toEqual([stopped.id]);
      expect(await list({ labelSelector: { app: "web" } })).toEqual(both);
      expect(await list({ labelSelector: { app: "web", tier: "front" } })).toEqual([ready.id]);
      expect(await list({ id: "0".repeat(64) })).toEqual([]);
    }),

    scenario("a truncated id does in every call where the whole one does", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.create();
      const podSandboxId = pod.id.slice(0, 13);
      const containerId = container.id.slice(0, 13);
      const { cri } = arm;
      expect((await cri.podSandboxStatus({ podSandboxId })).status?.id).toBe(pod.id);
      await cri.startContainer({ containerId });
      expect((await cri.containerStatus({ containerId })).status?.id).toBe(container.id);
      expect((await cri.execSync({ containerId, cmd: ["true"], timeout: 10n })).exitCode).toBe(0);
      await cri.reopenContainerLog({ containerId });
      await cri.stopContainer({ containerId, timeout: 0n });
      expect(await container.status()).toMatchObject({ state: CONTAINER_EXITED });
      await cri.removeContainer({ containerId });
      await cri.stopPodSandbox({ podSandboxId });
      await cri.removePodSandbox({ podSandboxId });
      expect((await cri.listPodSandbox({})).items).toEqual([]);
    }),

    scenario("an id that begins more than one is an error in calls, and matches nothing in lists", async (arm) => {
      await using pod = await runPod(arm);
      const first = new Map<string, number>();
      // with 17 ids two begin with the same digit
      for (let count = 0; count < 17; count++) {
        const { id } = await pod.create({ name: `c${count}` });
        first.set(id.slice(0, 1), (first.get(id.slice(0, 1)) ?? 0) + 1);
      }
      const [digit = ""] = [...first].find(([, times]) => times > 1) ?? [];
      expect(await rejection(arm.cri.containerStatus({ containerId: digit }))).toBeDefined();
      expect(await rejection(arm.cri.removeContainer({ containerId: digit }))).toBeDefined();
      expect(await listed(arm, { id: digit })).toEqual([]);
      expect((await arm.cri.listContainers({})).containers).toHaveLength(17);
    }),
  ],
};
