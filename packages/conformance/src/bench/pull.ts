/** Pulls of a small image, of a large one and of one of many files, beside containerd: the same registry, the same images, in turns. */
import type { CriClient } from "@lxe/cri";
import { startTestRegistry, type TestImage } from "lxe/testing/registry";
import { realLxd } from "./lxds.ts";
import { peakRssMb, resetPeakRss, rssMb } from "./process-usage.ts";
import { benchImage, manyFilesImage } from "./pull-images.ts";
import { startReference } from "./reference.ts";
import type { Bench, BenchOptions, Figure, Result, Skipped } from "./result.ts";
import { median, timed } from "./statistics.ts";
import { openWorkbench, temporaryDirectory } from "./workbench.ts";

/** What to pull, and whether containerd does, too: it is minutes at so many files, and what they show is lxe's memory. */
interface PulledImage {
  readonly name: string;
  readonly path: string;
  readonly make: () => TestImage;
  readonly rounds: number;
  readonly isCompared: boolean;
}

/** Packed they are about half as large, which is what the names of the first two say. */
const IMAGES: readonly PulledImage[] = [
  { name: "3 MB", path: "small", make: () => benchImage(1, 6, 1), rounds: 15, isCompared: true },
  { name: "200 MB", path: "large", make: () => benchImage(2, 380, 6), rounds: 5, isCompared: true },
  { name: "300,000 files", path: "many", make: () => manyFilesImage(3, 300_000), rounds: 2, isCompared: false },
];
const QUICK_ROUNDS = 2;
/** Of containerd's time. */
const SHARE_PERCENT = 150;
const GROWTH_MB = 100;
const TIMEOUT_MS = 600_000;

export const pull: Bench = { name: "pull", run: measurePull };

async function measurePull({ quick, program }: BenchOptions): Promise<Result | Skipped> {
  const lxd = await realLxd();
  if ("skipped" in lxd) return lxd;
  await using bench = await openWorkbench(await temporaryDirectory(), lxd, program);
  await using undo = new AsyncDisposableStack();
  const registry = undo.use(await startTestRegistry());
  const lxe = undo.use(await bench.startLxe());
  const reference = await startReference();
  const isAlone = "skipped" in reference;
  const runtimes = isAlone ? [lxe.cri] : [lxe.cri, undo.use(reference).cri];
  const figures: Figure[] = [];
  for (const { name, path, make, rounds, isCompared } of IMAGES) {
    registry.push(make(), path, "1");
    await resetPeakRss(lxe.pid);
    const before = await rssMb(lxe.pid);
    const times = await inTurns(
      isCompared ? runtimes : [lxe.cri],
      `${registry.host}/${path}:1`,
      quick ? QUICK_ROUNDS : rounds,
    );
    const growth = (await peakRssMb(lxe.pid)) - before;
    figures.push(...timesOf(name, times), {
      name: "  growth of RSS at its peak",
      value: growth,
      unit: "MB",
      target: GROWTH_MB,
    });
  }
  const beside = isAlone
    ? `without containerd to compare with: ${reference.skipped}`
    : "by lxe and by containerd in turns";
  return {
    figures,
    notes: [`pull: from a registry on this machine, medians, the first pull of each not counted; ${beside}`],
  };
}

/** For each runtime its times. Each pull begins without the image. */
async function inTurns(runtimes: readonly CriClient[], image: string, rounds: number): Promise<number[][]> {
  const times: number[][] = runtimes.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, cri] of runtimes.entries()) {
      const { value, ms } = await timed(() => cri.pullImage({ image: { image } }, { timeoutMs: TIMEOUT_MS }));
      if (round > 0) times[index]?.push(ms);
      await cri.removeImage({ image: { image: value.imageRef } }, { timeoutMs: TIMEOUT_MS });
    }
  }
  return times;
}

function timesOf(name: string, [own = [], others]: readonly number[][]): Figure[] {
  const figures: Figure[] = [{ name: `pull of ${name}`, value: median(own), unit: "ms" }];
  if (others === undefined) return figures;
  const share = (median(own) / median(others)) * 100;
  return [
    ...figures,
    { name: "  containerd", value: median(others), unit: "ms" },
    { name: "  of containerd's time", value: share, unit: "%", target: SHARE_PERCENT },
  ];
}
