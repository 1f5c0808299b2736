/** What lxe costs while nothing happens on a full node, and while a kubelet looks at it every second. */
import type { CriClient } from "@lxe/cri";
import { setTimeout as delay } from "node:timers/promises";
import { fakeLxd } from "./lxds.ts";
import type { LxeProcess } from "./lxe-process.ts";
import { populate } from "./population.ts";
import { cpuMs, rssMb } from "./process-usage.ts";
import type { Bench, BenchOptions, Result } from "./result.ts";
import { openWorkbench, temporaryDirectory } from "./workbench.ts";

const POPULATION = { pods: 110, containersPerPod: 2 };
const CPU_PERCENT = 1;
const RSS_MB = 150;
const RELIST_MS = 1000;
/** After the pods were made: what follows from that is over. */
const SETTLE_MS = 5000;

export const idle: Bench = { name: "idle", run: measureIdle };

async function measureIdle({ quick, program }: BenchOptions): Promise<Result> {
  const directory = await temporaryDirectory();
  const seconds = quick ? 5 : 30;
  await using bench = await openWorkbench(directory, await fakeLxd(directory, "quick"), program);
  const made = await whileRunning(await bench.startLxe(), async (lxe) => {
    await populate(lxe.cri, bench, POPULATION);
    return usage(lxe, seconds);
  });
  await using lxe = await bench.startLxe();
  const restarted = await usage(lxe, seconds);
  const relisting = await cpuPercent(lxe.pid, () => relist(lxe.cri, seconds));
  return {
    figures: [
      { name: "idle with 110 pods, CPU of one core", value: made.cpu, unit: "%", target: CPU_PERCENT },
      { name: "idle with 110 pods, RSS, having made them", value: made.rss, unit: "MB", target: RSS_MB },
      { name: "  CPU after a restart", value: restarted.cpu, unit: "%", target: CPU_PERCENT },
      { name: "  RSS after a restart", value: restarted.rss, unit: "MB", target: RSS_MB },
      { name: "  CPU, with a relist every second", value: relisting, unit: "%" },
      { name: "  RSS, after these", value: await rssMb(lxe.pid), unit: "MB" },
    ],
    notes: [`idle: 110 pods of ${POPULATION.containersPerPod} containers, CPU over ${seconds} s each`],
  };
}

async function whileRunning<T>(lxe: LxeProcess, use: (lxe: LxeProcess) => Promise<T>): Promise<T> {
  await using running = lxe;
  return await use(running);
}

interface Usage {
  readonly cpu: number;
  readonly rss: number;
}

async function usage({ pid }: LxeProcess, seconds: number): Promise<Usage> {
  await delay(SETTLE_MS);
  const cpu = await cpuPercent(pid, () => delay(seconds * 1000));
  return { cpu, rss: await rssMb(pid) };
}

async function cpuPercent(pid: number, meanwhile: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  const before = await cpuMs(pid);
  await meanwhile();
  return (((await cpuMs(pid)) - before) / (performance.now() - start)) * 100;
}

/** As the kubelet's generic relist does: both lists, each second. */
async function relist(cri: CriClient, seconds: number): Promise<void> {
  for (let round = 0; round < seconds; round++) {
    await Promise.all([cri.listPodSandbox({}), cri.listContainers({}), delay(RELIST_MS)]);
  }
}
