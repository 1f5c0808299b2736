/** What a kubelet asks every second: lists and statuses, with 500 containers, and that LXD is not asked for them. */
import { ContainerStatusRequest, ListContainersRequest, ListContainersResponse, ListPodSandboxRequest } from "@lxe/cri";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { latencies, NOTHING, pathOf, type Read } from "./latencies.ts";
import { fakeLxd } from "./lxds.ts";
import { populate } from "./population.ts";
import { type RecordingProxy, startRecordingProxy } from "../support/recording-proxy.ts";
import type { Bench, BenchOptions, Result } from "./result.ts";
import { connectWire, type WireClient } from "./wire-client.ts";
import { openWorkbench, temporaryDirectory } from "./workbench.ts";

const POPULATION = { pods: 100, containersPerPod: 5 };
const LIST_P99_MS = 5;
const STATUS_P99_MS = 1;

export const reads: Bench = { name: "reads", run: measureReads };

async function measureReads({ quick, program }: BenchOptions): Promise<Result> {
  const directory = await temporaryDirectory();
  await using bench = await openWorkbench(directory, await fakeLxd(directory, "quick"), program);
  await using proxy = await startRecordingProxy(join(directory, "proxy.sock"), bench.lxdSocket);
  await using lxe = await bench.startLxe({ lxdSocket: proxy.socketPath });
  const ids = await populate(lxe.cri, bench, POPULATION);
  await untilQuiet(proxy);
  await using wire = await connectWire(lxe.socket);
  await checkList(wire, ids.length);
  const before = proxy.requests();
  const calls = quick ? 100 : 1000;
  const figures = await latencies([{ name: "lxe", wire, pid: lxe.pid }], READS, ids, calls);
  const requests = proxy.requests() - before;
  return {
    figures: [...figures, { name: "  LXD calls during all of these", value: requests, unit: "calls", target: 0 }],
    notes: [
      `reads: ${ids.length} containers in ${POPULATION.pods} pods, 10 rounds of ${calls} calls each in turns, one after another, from another process`,
    ],
  };
}

const READS: readonly Read[] = [
  NOTHING,
  {
    name: "ListContainers",
    target: LIST_P99_MS,
    request: () => ListContainersRequest.encode(ListContainersRequest.fromPartial({})).finish(),
  },
  {
    name: "ListPodSandbox",
    target: LIST_P99_MS,
    request: () => ListPodSandboxRequest.encode(ListPodSandboxRequest.fromPartial({})).finish(),
  },
  {
    name: "ContainerStatus",
    target: STATUS_P99_MS,
    request: (containerId) =>
      ContainerStatusRequest.encode(ContainerStatusRequest.fromPartial({ containerId })).finish(),
  },
];

async function checkList(wire: WireClient, expected: number): Promise<void> {
  const { containers } = ListContainersResponse.decode(await wire.call(pathOf("ListContainers"), new Uint8Array()));
  if (containers.length !== expected) throw new Error(`ListContainers has ${containers.length}, not ${expected}`);
}

/** What the making of the pods still causes is over. */
async function untilQuiet(proxy: RecordingProxy): Promise<void> {
  for (let seen = -1; seen !== proxy.requests(); ) {
    seen = proxy.requests();
    await delay(1000);
  }
}
