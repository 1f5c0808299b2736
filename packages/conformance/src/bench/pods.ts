/** Pods as a kubelet asks for them, and the three calls that make one. */
import type { ContainerConfig, CriClient, DeepPartial, PodSandboxConfig } from "@lxe/cri";
import { NamespaceMode } from "@lxe/cri";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Workbench } from "./workbench.ts";

const NAMESPACE = "bench";

export function podConfig({ directory }: Pick<Workbench, "directory">, name: string): DeepPartial<PodSandboxConfig> {
  const uid = randomUUID();
  return {
    metadata: { name, namespace: NAMESPACE, uid, attempt: 0 },
    hostname: name,
    logDirectory: join(directory, "logs", `bench_${name}_${uid}`),
    dnsConfig: { servers: ["10.96.0.10"], searches: ["bench.svc.cluster.local", "svc.cluster.local", "cluster.local"] },
    labels: { app: "bench", "io.kubernetes.pod.name": name, "io.kubernetes.pod.namespace": NAMESPACE },
    annotations: { "kubernetes.io/config.seen": "2026-01-01T00:00:00Z", "kubernetes.io/config.source": "api" },
    linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER } } },
  };
}

export function containerConfig({ image }: Pick<Workbench, "image">, name: string): DeepPartial<ContainerConfig> {
  return {
    metadata: { name, attempt: 0 },
    image: { image },
    command: ["sleep", "100000"],
    envs: Array.from({ length: 8 }, (_, index) => ({
      key: `BENCH_SERVICE_${index}_HOST`,
      value: Buffer.from("10.96.0.1"),
    })),
    labels: { "io.kubernetes.container.name": name },
    annotations: { "io.kubernetes.container.hash": "0123abcd", "io.kubernetes.container.restartCount": "0" },
    logPath: `${name}/0.log`,
    linux: {
      resources: { cpuShares: 102n, memoryLimitInBytes: 128n * 1024n * 1024n },
      securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER } },
    },
  };
}

export const RPCS = ["RunPodSandbox", "CreateContainer", "StartContainer"] as const;
export type Rpc = (typeof RPCS)[number];

/** Called with each RPC, in order; awaits it. */
export type Around = (rpc: Rpc, call: () => Promise<void>) => Promise<void>;

/** A pod with one running container; its id. */
export async function makePod(cri: CriClient, bench: Workbench, name: string, around: Around): Promise<string> {
  const config = podConfig(bench, name);
  let pod = "";
  let container = "";
  await around("RunPodSandbox", async () => {
    pod = (await cri.runPodSandbox({ config })).podSandboxId;
  });
  await around("CreateContainer", async () => {
    const request = { podSandboxId: pod, config: containerConfig(bench, "main"), sandboxConfig: config };
    container = (await cri.createContainer(request)).containerId;
  });
  await around("StartContainer", async () => void (await cri.startContainer({ containerId: container })));
  return pod;
}

/** Removes the pods of benchmarks. */
export async function removePods(cri: CriClient): Promise<void> {
  const { items } = await cri.listPodSandbox({});
  const own = items.filter(({ metadata }) => metadata?.namespace === NAMESPACE);
  await forEach(own, async ({ id }) => void (await cri.removePodSandbox({ podSandboxId: id })));
}

/** As many at once as a kubelet has workers for pods that come together. */
const CONCURRENCY = 10;

export async function forEach<T>(items: Iterable<T>, use: (item: T) => Promise<void>): Promise<void> {
  const left = Iterator.from(items);
  const worker = async (): Promise<void> => {
    for (let next = left.next(); !next.done; next = left.next()) await use(next.value);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}
