/** What a kubelet asks every second: lists and statuses, with 500 containers, and that LXD is not asked for them. */
import type { CriClient } from "@lxe/cri";
import { join } from "node:path";
import { fakeLxd } from "./lxds.ts";
import { populate } from "./population.ts";
import { type RecordingProxy, startRecordingProxy } from "./recording-proxy.ts";
import type { Bench, BenchOptions, Figure, Result } from "./result.ts";
import { quantile, timed } from "./statistics.ts";
import { openWorkbench, temporaryDirectory } from "./workbench.ts";

const POPULATION = { pods: 100, containersPerPod: 5 };
const LIST_P99_MS = 5;
const STATUS_P99_MS = 1;
/** Before those that count: a kubelet has been asking for long. */
const WARM_UP_CALLS = 500;

export const reads: Bench = { name: "reads", run: measureReads };

async function measureReads({ quick, program }: BenchOptions): Promise<Result> {
  const directory = await temporaryDirectory();
  await using bench = await openWorkbench(directory, await fakeLxd(directory, "quick"), program);
  await using proxy = await startRecordingProxy(join(directory, "proxy.sock"), bench.lxdSocket);
  await using lxe = await bench.startLxe({ lxdSocket: proxy.socketPath });
  const ids = await populate(lxe.cri, bench, POPULATION);
  const { cri } = lxe;
  await untilQuiet(proxy);
  const before = proxy.requests();
  const calls = quick ? 200 : 2000;
  const figures = [
    // what any call costs here and now
    ...(await latencies("Version", undefined, calls, () => cri.version({}))),
    ...(await latencies("ListContainers", LIST_P99_MS, calls, () => listContainers(cri, ids.length))),
    ...(await latencies("ListPodSandbox", LIST_P99_MS, calls, () => cri.listPodSandbox({}))),
    ...(await latencies("ContainerStatus", STATUS_P99_MS, calls, (index) => containerStatus(cri, ids, index))),
  ];
  const requests = proxy.requests() - before;
  return {
    figures: [...figures, { name: "  LXD calls during all of these", value: requests, unit: "calls", target: 0 }],
    notes: [
      `reads: ${ids.length} containers in ${POPULATION.pods} pods, ${calls} calls each, one after another, client in another process`,
    ],
  };
}

async function listContainers(cri: CriClient, expected: number): Promise<void> {
  const { containers } = await cri.listContainers({});
  if (containers.length !== expected) throw new Error(`ListContainers has ${containers.length}, not ${expected}`);
}

async function containerStatus(cri: CriClient, ids: readonly string[], index: number): Promise<void> {
  await cri.containerStatus({ containerId: ids[index % ids.length] ?? "" });
}

type Call = (index: number) => Promise<unknown>;

async function latencies(name: string, target: number | undefined, calls: number, call: Call): Promise<Figure[]> {
  for (let index = 0; index < WARM_UP_CALLS; index++) await call(index);
  const times: number[] = [];
  for (let index = 0; index < calls; index++) times.push((await timed(() => call(index))).ms);
  return [
    { name: `${name} p50`, value: quantile(times, 0.5), unit: "ms" },
    { name: `${name} p99`, value: quantile(times, 0.99), unit: "ms", ...(target !== undefined && { target }) },
  ];
}

/** What the making of the pods still causes is over. */
async function untilQuiet(proxy: RecordingProxy): Promise<void> {
  for (let seen = -1; seen !== proxy.requests(); ) {
    seen = proxy.requests();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
