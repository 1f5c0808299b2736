/** The state that everything comes to in calm weather: what lxe shows is what LXD has, and nothing is left of what is gone. */
import { ContainerState, PodSandboxState } from "@lxe/cri";
import type { Instance, LxdClient } from "@lxe/lxd-client";
import type { CriCalls } from "./cri-calls.ts";
import type { DiskNode } from "./disk.ts";
import { checkLog, toldExit } from "./exits.ts";
import type { Kubelet } from "./kubelet.ts";
import { type SimulatedNode, STATE_DIR } from "./node.ts";
import { unsizedIn } from "./resize.ts";

export interface SettledOptions {
  readonly node: SimulatedNode;
  readonly calls: CriCalls;
  readonly kubelet: Kubelet;
  readonly lxd: LxdClient;
  readonly instanceOf: (id: string) => string | undefined;
}

const STATES = new Map<ContainerState, string>([
  [ContainerState.CONTAINER_CREATED, "CREATED"],
  [ContainerState.CONTAINER_RUNNING, "RUNNING"],
  [ContainerState.CONTAINER_EXITED, "EXITED"],
]);
const NEVER_USED = /^(?:0001|1970)-01-01/;

/** As lxe should show it. */
function expectedOf(instance: Instance): string {
  const { config, status, last_used_at: usedAt } = instance;
  const id = config["user.lxe.id"] ?? "";
  const running = status === "Running";
  // a start that failed is an end, whether LXD has started it or not
  if (config["user.lxe.exit"] !== undefined && !running) return `container ${id} EXITED`;
  if (config["user.lxe.kind"] === "sandbox") return `sandbox ${id} ${running ? "READY" : "NOTREADY"}`;
  const ended = NEVER_USED.test(usedAt) ? "CREATED" : "EXITED";
  return `container ${id} ${running ? "RUNNING" : ended}`;
}

async function shown(calls: CriCalls): Promise<string[]> {
  const { items } = await calls.call("listPodSandbox", { filter: undefined });
  const { containers } = await calls.call("listContainers", { filter: undefined });
  return [
    ...items.map(({ id, state }) => `sandbox ${id} ${state === PodSandboxState.SANDBOX_READY ? "READY" : "NOTREADY"}`),
    ...containers.map(({ id, state }) => `container ${id} ${STATES.get(state)}`),
  ].toSorted();
}

function difference(shownOnes: readonly string[], expected: readonly string[]): string | undefined {
  const [shownSet, expectedSet] = [new Set(shownOnes), new Set(expected)];
  const extra = shownOnes.filter((one) => !expectedSet.has(one));
  const lacking = expected.filter((one) => !shownSet.has(one));
  if (extra.length === 0 && lacking.length === 0) return undefined;
  return `lxe shows [${extra.join(", ")}], LXD has [${lacking.join(", ")}]`;
}

/** Why it is not so yet; undefined when all is well. */
export async function unsettled(options: SettledOptions): Promise<string | undefined> {
  const { node, calls, kubelet, lxd } = options;
  if (node.lxe === undefined || !node.lxe.session.synchronised || node.lxe.session.problem !== undefined)
    return `lxe is not ready: ${node.lxe?.session.problem ?? "it does not run"}`;
  const [handling] = calls.handlings();
  if (handling !== undefined || calls.waiting > 0)
    return `${handling?.method ?? "a call"} is still under way, for ${handling?.forMs} ms`;
  let instances: Instance[];
  let seen: string[];
  try {
    instances = await lxd.instances.list({ recursion: 1 });
    seen = await shown(calls);
  } catch (error) {
    return `cannot be compared: ${String(error)}`;
  }
  const expected = instances.map(expectedOf).toSorted();
  return (
    difference(seen, expected) ??
    unknown(kubelet, instances) ??
    leftFiles(node, new Set(instances.map(({ name }) => name))) ??
    unsizedIn(kubelet.pods.values(), instances, node.cgroups) ??
    unfinished(options)
  );
}

function unknown(kubelet: Kubelet, instances: readonly Instance[]): string | undefined {
  const known = new Set<string>();
  for (const pod of kubelet.pods.values())
    for (const { id } of [...pod.liveSandboxes(), ...pod.liveContainers()]) known.add(id);
  const stranger = instances.find(({ config }) => !known.has(config["user.lxe.id"] ?? ""));
  return stranger && `instance ${stranger.name} belongs to nothing that the kubelet knows`;
}

/** Files of lxe's without an instance. */
function leftFiles({ disk }: SimulatedNode, instances: ReadonlySet<string>): string | undefined {
  for (const kind of ["containers", "pods", "logs", "mounts", "rootfs"]) {
    const directory = disk.find(`${STATE_DIR}/${kind}`);
    for (const name of directory?.children.keys() ?? [])
      if (!instances.has(name)) return `${STATE_DIR}/${kind}/${name} is left, and no instance of that name`;
  }
  for (const directory of disk.find(`${STATE_DIR}/containers`)?.children.values() ?? []) {
    const left = [...directory.children.keys()].find((name) => isLeftOfCommand(name, directory));
    if (left !== undefined) return `${directory.path}/${left} is left of a command`;
  }
  return undefined;
}

/** A loader that lies ready for the next command is not: its socket is listened on. */
function isLeftOfCommand(file: string, directory: DiskNode): boolean {
  const [, command, rest] = /^([xk][0-9a-f]{8})(\.\w+)?$/.exec(file) ?? [];
  if (command === undefined) return false;
  const isReady = directory.children.get(`${command}.sock`)?.accept !== undefined;
  return !isReady || (rest !== undefined && rest !== ".sock");
}

/** Apps that have ended and show as running, and output that is not logged yet. */
function unfinished({ node, kubelet, instanceOf }: SettledOptions): string | undefined {
  for (const pod of kubelet.pods.values()) {
    for (const container of pod.liveContainers()) {
      const output = node.ledger.of(instanceOf(container.id) ?? "");
      if (toldExit(output) !== undefined && container.exit === undefined && container.started)
        return `container ${container.id} of ${pod.plan.name} has ended, and the kubelet does not know`;
      try {
        if (container.started)
          checkLog(node.disk, pod, container, output, container.exit !== undefined || node.lxe !== undefined);
      } catch (error) {
        return String(error);
      }
    }
  }
  return undefined;
}
