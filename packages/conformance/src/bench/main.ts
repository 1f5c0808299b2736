/** `npm run bench [-- --only NAME] [--quick]`: runs the benchmarks and prints one table. Benchmarks are no tests: exit 0. */
import { rm } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildLxe } from "./program.ts";
import type { Bench, BenchOptions, Figure } from "./result.ts";
import { shareOnFake, shareOnReal } from "./share.ts";
import { renderTable } from "./table.ts";
import { temporaryDirectory } from "./workbench.ts";

const BENCHES: readonly Bench[] = [shareOnReal, shareOnFake];

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
  await runAll({ quick: values.quick, program: await buildLxe(join(directory, "dist")) });
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function runAll(options: BenchOptions): Promise<void> {
  const figures: Figure[] = [];
  const notes: string[] = [];
  for (const bench of chosen) {
    process.stderr.write(`${bench.name} ...\n`);
    const outcome = await bench.run(options);
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
