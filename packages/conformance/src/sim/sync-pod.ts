/** One turn of a pod's worker: the calls that a kubelet makes to bring the pod nearer to what is wanted. Ends at the first failure. */
import { ContainerState, PodSandboxState } from "@lxe/cri";
import type { KubeletOptions } from "./kubelet.ts";
import type { KnownContainer, KnownSandbox, Pod } from "./model.ts";
import { containerConfig, type ContainerPlan, logPathOf, sandboxConfig } from "./plan.ts";
import { resize } from "./resize.ts";
import { Violation } from "./violation.ts";

const SANDBOX_DEADLINE_MS = 240_000;
const CALL_DEADLINE_MS = 120_000;
const BACKOFF_MS = 10_000;
const BACKOFF_MS_MAX = 300_000;

export async function syncPod(kubelet: KubeletOptions, pod: Pod): Promise<void> {
  try {
    if (pod.deleting) await deletePod(kubelet, pod);
    else await runPod(kubelet, pod);
  } catch (error) {
    // anything else is the answer to a call: the next turn tries again
    if (error instanceof Violation) throw error;
  }
}

async function runPod(kubelet: KubeletOptions, pod: Pod): Promise<void> {
  const sandboxes = pod.liveSandboxes();
  const [newest] = sandboxes;
  if (newest?.state !== PodSandboxState.SANDBOX_READY) {
    for (const sandbox of sandboxes) await stopSandbox(kubelet, pod, sandbox);
    await runSandbox(kubelet, pod, newest === undefined ? 0 : newest.attempt + 1);
    return;
  }
  for (const plan of pod.plan.containers) await syncContainer(kubelet, pod, newest, plan);
  await sweep(kubelet, pod, newest);
}

async function runSandbox({ calls }: KubeletOptions, pod: Pod, attempt: number): Promise<void> {
  pod.running = true;
  try {
    const config = sandboxConfig(pod.plan, attempt);
    const { podSandboxId } = await calls.call(
      "runPodSandbox",
      { config, runtimeHandler: "" },
      pod.plan.name,
      SANDBOX_DEADLINE_MS,
    );
    pod.registry.settle(pod.sandbox(podSandboxId, attempt));
  } finally {
    pod.running = false;
  }
}

async function syncContainer(
  kubelet: KubeletOptions,
  pod: Pod,
  sandbox: KnownSandbox,
  plan: ContainerPlan,
): Promise<void> {
  const [latest] = pod.liveContainers().filter((one) => one.plan === plan && one.sandboxId === sandbox.id);
  if (latest?.state === ContainerState.CONTAINER_RUNNING) return lookAfter(kubelet, pod, latest);
  const isOver = latest?.state === ContainerState.CONTAINER_EXITED && latest.started && !pod.plan.restarts;
  if (!isOver && !backsOff(kubelet, pod, plan, latest))
    await startContainer(kubelet, pod, sandbox, plan, latest === undefined ? 0 : latest.attempt + 1);
}

/** A container that ends again and again is started again after ten seconds, then twenty, and so on. */
function backsOff(
  { time }: KubeletOptions,
  pod: Pod,
  plan: ContainerPlan,
  latest: KnownContainer | undefined,
): boolean {
  if (latest === undefined || latest.attempt === 0) return false;
  const lastMs = pod.startedMs.get(plan.name) ?? 0;
  return time.elapsedMs < lastMs + Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (latest.attempt - 1));
}

async function startContainer(
  { calls, time }: KubeletOptions,
  pod: Pod,
  sandbox: KnownSandbox,
  plan: ContainerPlan,
  attempt: number,
): Promise<void> {
  const config = containerConfig(pod.plan, plan, attempt);
  const request = { podSandboxId: sandbox.id, config, sandboxConfig: sandboxConfig(pod.plan, sandbox.attempt) };
  const about = `${pod.plan.name}/${plan.name}/${attempt}`;
  pod.creating.add(plan.name);
  let container: KnownContainer;
  try {
    const { containerId } = await calls.call("createContainer", request, about);
    container = pod.container(containerId, sandbox.id, plan, attempt);
    pod.registry.settle(container);
  } finally {
    pod.creating.delete(plan.name);
  }
  container.starting = true;
  pod.startedMs.set(plan.name, time.elapsedMs);
  try {
    await calls.call("startContainer", { containerId: container.id }, about);
    container.answered = true;
    container.started = true;
  } finally {
    container.starting = false;
  }
}

/** What a kubelet does to a container that runs: probes, rotation of its log, and a change of its resources. */
async function lookAfter(kubelet: KubeletOptions, pod: Pod, container: KnownContainer): Promise<void> {
  const { random } = kubelet;
  if (random.chance(0.1)) await probe(kubelet, pod, container);
  if (random.chance(0.1)) await rotate(kubelet, pod, container);
  if (container.asked !== undefined || random.chance(0.04)) await resize(kubelet, pod, container);
}

async function probe({ calls, random }: KubeletOptions, pod: Pod, { id }: KnownContainer): Promise<void> {
  const code = random.pick([0, 0, 1, 7]);
  const cmd = ["sh", "-c", `echo out; echo err >&2; exit ${code}`];
  const request = { containerId: id, cmd, timeout: 10n };
  const { stdout, stderr, exitCode } = await calls.call("execSync", request, pod.plan.name, CALL_DEADLINE_MS);
  const seen = `${exitCode} ${Buffer.from(stdout).toString()}${Buffer.from(stderr).toString()}`;
  // a container that ends takes its commands with it
  const killed = exitCode === 137;
  if (!killed && seen !== `${code} out\nerr\n`)
    throw new Violation(`a command in ${id} gave ${JSON.stringify(seen)} instead of ${code}, out and err`);
}

async function rotate({ calls, node }: KubeletOptions, pod: Pod, container: KnownContainer): Promise<void> {
  const { disk } = node;
  const path = logPathOf(pod.plan, container.plan, container.attempt);
  if (disk.find(path) === undefined) return;
  const rotated = `${path}.${container.rotated.length + 1}`;
  disk.rename(path, rotated);
  container.rotated.push(rotated);
  try {
    await calls.call("reopenContainerLog", { containerId: container.id }, pod.plan.name);
  } catch (error) {
    // as a kubelet does: unless a new one is there already, the log gets its name back
    if (disk.find(path) === undefined) {
      disk.rename(rotated, path);
      container.rotated.pop();
    }
    throw error;
  }
}

/** Older attempts of containers, and older sandboxes. */
async function sweep(kubelet: KubeletOptions, pod: Pod, newest: KnownSandbox): Promise<void> {
  for (const plan of pod.plan.containers) {
    const [, ...older] = pod.liveContainers().filter((one) => one.plan === plan);
    for (const container of older)
      if (container.state !== ContainerState.CONTAINER_RUNNING) await removeContainer(kubelet, pod, container);
  }
  for (const sandbox of pod.liveSandboxes())
    if (sandbox !== newest && pod.liveContainers().every(({ sandboxId }) => sandboxId !== sandbox.id))
      await removeSandbox(kubelet, pod, sandbox);
}

async function deletePod(kubelet: KubeletOptions, pod: Pod): Promise<void> {
  const { random } = kubelet;
  const containers = pod.liveContainers();
  const sandboxes = pod.liveSandboxes();
  if (containers.length === 0 && sandboxes.length === 0) {
    pod.done = true;
    return;
  }
  const running = containers.filter(({ state }) => state === ContainerState.CONTAINER_RUNNING);
  const stops = await Promise.allSettled(running.map((container) => stopContainer(kubelet, pod, container)));
  for (const stop of stops) if (stop.status === "rejected") throw stop.reason;
  for (const sandbox of sandboxes) await stopSandbox(kubelet, pod, sandbox);
  // the rest goes with the sandbox
  if (random.chance(0.8)) for (const container of containers) await removeContainer(kubelet, pod, container);
  for (const sandbox of sandboxes) await removeSandbox(kubelet, pod, sandbox);
}

async function stopContainer({ calls }: KubeletOptions, pod: Pod, container: KnownContainer): Promise<void> {
  container.stopAsked = true;
  const { graceS } = container.plan;
  const request = { containerId: container.id, timeout: BigInt(graceS) };
  await calls.call("stopContainer", request, pod.plan.name, CALL_DEADLINE_MS + graceS * 1000);
}

async function stopSandbox({ calls }: KubeletOptions, pod: Pod, sandbox: KnownSandbox): Promise<void> {
  sandbox.stopAsked = true;
  for (const container of pod.containers.values()) if (container.sandboxId === sandbox.id) container.stopAsked = true;
  await calls.call("stopPodSandbox", { podSandboxId: sandbox.id }, pod.plan.name);
}

async function removeContainer({ calls }: KubeletOptions, pod: Pod, container: KnownContainer): Promise<void> {
  container.removeAsked = true;
  await calls.call("removeContainer", { containerId: container.id }, pod.plan.name);
}

async function removeSandbox({ calls }: KubeletOptions, pod: Pod, sandbox: KnownSandbox): Promise<void> {
  sandbox.removeAsked = true;
  for (const container of pod.containers.values()) if (container.sandboxId === sandbox.id) container.removeAsked = true;
  await calls.call("removePodSandbox", { podSandboxId: sandbox.id }, pod.plan.name);
}
