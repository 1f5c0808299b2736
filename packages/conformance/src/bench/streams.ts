/** exec and port-forward beside containerd: speed, short commands, many at once, and memory under readers that stop. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execSyncFigures, parallelFigures } from "./exec-times.ts";
import { realLxd } from "./lxds.ts";
import { startReference } from "./reference.ts";
import type { Bench, BenchOptions, Figure, Result, Skipped } from "./result.ts";
import { stoppedReaderFigures } from "./stopped-readers.ts";
import { streamSide } from "./stream-sides.ts";
import { ROUNDS_WITHIN_MINUTES, transferFigures, TRANSFERS } from "./throughput.ts";
import { openWorkbench, temporaryDirectory } from "./workbench.ts";

const BYTES = 1024 * 1024 * 1024;
const ROUNDS = 5;
const QUICK_BYTES = BYTES / 8;
const EXECS = 200;

export const streams: Bench = { name: "streams", run: measureStreams };

async function measureStreams({ quick, program, progress }: BenchOptions): Promise<Result | Skipped> {
  const lxd = await realLxd();
  if ("skipped" in lxd) return lxd;
  await using bench = await openWorkbench(await temporaryDirectory(), lxd, program);
  await using undo = new AsyncDisposableStack();
  const lxe = undo.use(await bench.startLxe());
  const workDir = join(bench.directory, "w");
  await mkdir(workDir, { mode: 0o755 });
  const bytes = quick ? QUICK_BYTES : BYTES;
  const host = { cri: lxe.cri, images: { busybox: bench.image }, workDir };
  const own = undo.use(await streamSide(host, lxe.socket, bytes));
  const reference = await startReference();
  const isAlone = "skipped" in reference;
  const other = isAlone
    ? undefined
    : undo.use(await streamSide(undo.use(reference), reference.endpoint.replace("unix://", ""), bytes));
  const sides = other ? [own, other] : [own];
  const figures: Figure[] = [];
  const size = { bytes, rounds: quick ? 1 : ROUNDS, progress };
  for (const transfer of TRANSFERS) figures.push(...(await transferFigures(sides, transfer, size)));
  progress("ExecSync");
  figures.push(...(await execSyncFigures(bench.lxd, [own, other], quick ? EXECS / 10 : EXECS)));
  progress("many execs at once");
  figures.push(...(await parallelFigures(sides)));
  progress("readers that stop");
  figures.push(...(await stoppedReaderFigures(lxe, own)));
  const beside = isAlone
    ? `without containerd to compare with: ${reference.skipped}`
    : "by lxe and containerd in turns";
  return {
    figures,
    notes: [
      `streams: ${bytes / 1024 / 1024} MB over SPDY, medians of ${size.rounds} (or what ${ROUNDS_WITHIN_MINUTES} minutes allow), ${beside}`,
    ],
  };
}
