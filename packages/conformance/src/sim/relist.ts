/**
 * The kubelet's relist: what lxe shows of all pods, taken into the model and judged by it. States only go forward; nothing comes twice;
 * nothing that was there disappears, and nothing ends, unless somebody asked for it.
 */
import { type Container, ContainerState, type PodSandbox, PodSandboxState } from "@lxe/cri";
import type { Known, Pod } from "./model.ts";
import { UID_LABEL } from "./plan.ts";
import { Violation } from "./violation.ts";

type PodByUid = (uid: string) => Pod | undefined;

function podOf(item: Pick<Container, "id" | "labels">, podByUid: PodByUid): Pod {
  const pod = podByUid(item.labels[UID_LABEL] ?? "");
  if (pod === undefined) throw new Violation(`${item.id} is listed, but no such pod was ever asked for, or it is gone`);
  return pod;
}

function unique(keys: readonly string[], what: string): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (seen.has(key)) throw new Violation(`${what} is listed twice: ${key}`);
    seen.add(key);
  }
}

export interface ListContext {
  readonly podByUid: PodByUid;
  readonly pods: () => Iterable<Pod>;
}

export function takeSandboxes(items: readonly PodSandbox[], { podByUid, pods }: ListContext): void {
  unique(
    items.map(({ id }) => id),
    "a sandbox id",
  );
  unique(
    items.map(({ labels, metadata }) => `${labels[UID_LABEL]} attempt ${metadata?.attempt}`),
    "a sandbox",
  );
  for (const item of items) takeSandbox(item, podOf(item, podByUid));
  const listed = new Set(items.map(({ id }) => id));
  for (const pod of pods())
    for (const sandbox of pod.sandboxes.values()) if (!sandbox.gone && !listed.has(sandbox.id)) missing(sandbox);
}

function takeSandbox(item: PodSandbox, pod: Pod): void {
  const known = pod.sandbox(item.id, item.metadata?.attempt ?? 0);
  const wasSettled = known.settledAt !== undefined;
  if (known.gone && wasSettled) throw new Violation(`sandbox ${item.id} of ${pod.plan.name} is back from the dead`);
  known.gone = false;
  // of a RunPodSandbox that failed one may be left that was never there for good: the kubelet removes it
  if (!pod.running) pod.registry.settle(known);
  const wasReady = known.state === PodSandboxState.SANDBOX_READY;
  const isReady = item.state === PodSandboxState.SANDBOX_READY;
  if (!wasReady && isReady) throw new Violation(`sandbox ${item.id} of ${pod.plan.name} is ready again`);
  if (wasSettled && wasReady && !isReady && !known.stopAsked && !known.removeAsked)
    throw new Violation(`sandbox ${item.id} of ${pod.plan.name} is not ready any more, and nobody asked for that`);
  known.state = item.state;
}

export function takeContainers(items: readonly Container[], { podByUid, pods }: ListContext): void {
  unique(
    items.map(({ id }) => id),
    "a container id",
  );
  unique(
    items.map(({ podSandboxId, metadata }) => `${podSandboxId} ${metadata?.name} attempt ${metadata?.attempt}`),
    "a container",
  );
  for (const item of items) takeContainer(item, podOf(item, podByUid));
  const listed = new Set(items.map(({ id }) => id));
  for (const pod of pods())
    for (const container of pod.containers.values())
      if (!container.gone && !listed.has(container.id)) missing(container);
}

function takeContainer(item: Container, pod: Pod): void {
  const { name = "", attempt = 0 } = item.metadata ?? {};
  const plan = pod.plan.containers.find((one) => one.name === name);
  if (plan === undefined) throw new Violation(`container ${name} of ${pod.plan.name} is none that was asked for`);
  const known = pod.container(item.id, item.podSandboxId, plan, attempt);
  if (known.gone && known.settledAt !== undefined) throw new Violation(`container ${item.id} is back from the dead`);
  known.gone = false;
  if (!pod.creating.has(name)) pod.registry.settle(known);
  if (item.state === ContainerState.CONTAINER_UNKNOWN) return;
  if (item.state < known.state)
    throw new Violation(`container ${item.id} went back from state ${known.state} to ${item.state}`);
  if (item.state === ContainerState.CONTAINER_RUNNING && !known.starting) known.started = true;
  known.state = item.state;
}

function missing(known: Known): void {
  const isSettled = known.settledAt !== undefined;
  if (isSettled && !known.pod.registry.isListed(known)) return; // newer than the list
  if (isSettled && !known.removeAsked) {
    const what = "plan" in known ? "container" : "sandbox";
    throw new Violation(
      `${what} of ${known.pod.plan.name} ${known.id} is not listed any more, and nobody asked to remove it`,
    );
  }
  known.gone = true;
}
