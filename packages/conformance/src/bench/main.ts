/** `npm run bench [-- --only NAME] [--quick]`: runs the benchmarks and prints one table. Benchmarks are no tests: exit 0. */
import { rm } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { inspect, parseArgs } from "node:util";
import { idle } from "./idle.ts";
import { imageReads } from "./image-reads.ts";
import { buildLxe } from "./program.ts";
import { pull } from "./pull.ts";
import { reads } from "./reads.ts";
import type { Bench, BenchOptions, Figure, Result, Skipped } from "./result.ts";
import { streams } from "./streams.ts";
import { shareOnFake, shareOnReal } from "./share.ts";
import { start } from "./start.ts";
import { renderTable } from "./table.ts";
import { temporaryDirectory } from "./workbench.ts";

const BENCHES: readonly Bench[] = [shareOnReal, shareOnFake, reads, idle, start, pull, imageReads, streams];

const { values } = parseArgs({
  options: { only: { type: "string", multiple: true }, quick: { type: "boolean", default: false } },
});
const chosen = BENCHES.filter(({ name }) => values.only === undefined || values.only.includes(name));
if (chosen.length === 0) {
  process.stderr.write(`no such benchmark; there are: ${BENCHES.map(({ name }) => name).join(", ")}\n`);
  process.exit(2);
}

const directory = await temporaryDirectory();
try {
  await runAll({ quick: values.quick, program: await buildLxe(join(directory, "dist")), progress });
} finally {
  await rm(directory, { recursive: true, force: true });
}

function progress(what: string): void {
  process.stderr.write(`${Math.round(performance.now() / 1000)} s  ${what}\n`);
}

/** What stops one benchmark does not stop the others; that it stopped is an error all the same. */
async function outcomeOf(bench: Bench, options: BenchOptions): Promise<Result | Skipped> {
  try {
    return await bench.run(options);
  } catch (error) {
    process.exitCode = 1;
    return { skipped: inspect(unsuppressed(error)) };
  }
}

/** What failed first; what failed while tidying up follows from it. */
function unsuppressed(error: unknown): unknown {
  return error instanceof SuppressedError ? unsuppressed(error.suppressed) : error;
}

async function runAll(options: BenchOptions): Promise<void> {
  const figures: Figure[] = [];
  const notes: string[] = [];
  for (const bench of chosen) {
    progress(`${bench.name} ...`);
    const outcome = await outcomeOf(bench, options);
    if ("skipped" in outcome) {
      notes.push(`${bench.name} skipped: ${outcome.skipped}`);
      continue;
    }
    figures.push(...outcome.figures);
    notes.push(...outcome.notes);
  }
  const load = loadavg().map((average) => average.toFixed(1));
  process.stdout.write(
    [
      renderTable(figures),
      "",
      ...notes,
      `${availableParallelism()} processors, load average ${load.join(" ")}${options.quick ? "; quick: few rounds" : ""}`,
      "",
    ].join("\n"),
  );
}
