/** From the start of the process to ready, with 500 containers in LXD. */
import { fakeLxd } from "./lxds.ts";
import { populate } from "./population.ts";
import type { Bench, BenchOptions, Result } from "./result.ts";
import { median, timed } from "./statistics.ts";
import { openWorkbench, temporaryDirectory, type Workbench } from "./workbench.ts";

const POPULATION = { pods: 100, containersPerPod: 5 };
const READY_MS = 1000;

export const start: Bench = { name: "start", run: measureStart };

async function measureStart({ quick, program }: BenchOptions): Promise<Result> {
  const directory = await temporaryDirectory();
  await using bench = await openWorkbench(directory, await fakeLxd(directory, "quick"), program);
  const containers = await populated(bench);
  const times: number[] = [];
  for (let round = 0; round < (quick ? 3 : 9); round++) {
    const { value: lxe, ms } = await timed(() => ready(bench, containers));
    times.push(ms);
    await lxe[Symbol.asyncDispose]();
  }
  return {
    figures: [
      { name: "start to ready with 500 containers", value: median(times), unit: "ms", target: READY_MS },
      { name: "  slowest", value: Math.max(...times), unit: "ms" },
    ],
    notes: [
      `start: Status says ready and ListContainers has all ${containers}; median of ${times.length} starts of the bundled program`,
    ],
  };
}

async function populated(bench: Workbench): Promise<number> {
  await using lxe = await bench.startLxe();
  return (await populate(lxe.cri, bench, POPULATION)).length;
}

async function ready(bench: Workbench, expected: number) {
  const lxe = await bench.startLxe();
  const { containers } = await lxe.cri.listContainers({});
  if (containers.length !== expected) throw new Error(`ListContainers has ${containers.length}, not ${expected}`);
  return lxe;
}
