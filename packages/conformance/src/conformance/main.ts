/**
 * `npm run conformance -- --arm NAME [--arm NAME] [--grep TEXT] [--out DIR] [--required] [--base IMAGE]`: the scenarios on one
 * arm after the other, with progress, and a report of all of them: report.json, junit.xml, index.html.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { styleText } from "node:util";
import { type ArmResult, countOf, hasFailed, isSecondTry } from "../report/result.ts";
import { writeReport } from "../report/write.ts";
import { type ArmName, type Options, optionsOf, USAGE } from "./options.ts";
import { RUNNERS } from "./runners.ts";
import { subjectOf } from "./subject.ts";

async function main(options: Options): Promise<number> {
  const startedAt = new Date().toISOString();
  const scratch = await mkdtemp(join(tmpdir(), "lxe-conformance-"));
  const arms: ArmResult[] = [];
  try {
    for (const name of options.arms) {
      console.log(styleText("bold", `\n${name}`));
      const result = await runArm(name, options, join(scratch, `${name}.json`));
      if (result.reason !== undefined) console.log(`${result.broken ? "broken" : "skipped"}: ${result.reason}`);
      arms.push(result);
      // after each arm: what is known is not lost when the next one is interrupted
      await writeReport(resolve(options.out), { startedAt, subject: await subjectOf(), arms });
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  console.log();
  for (const result of arms) {
    const { passed, failed, skipped } = countOf(result);
    const again = result.outcomes.filter(isSecondTry).length;
    const note = again > 0 ? ` (${again} at the second try)` : "";
    console.log(`${result.arm.padEnd(12)} ${passed} passed${note}, ${failed} failed, ${skipped} skipped`);
  }
  console.log(`report: ${join(options.out, "index.html")}`);
  return hasFailed({ startedAt, subject: "", arms }) ? 1 : 0;
}

async function runArm(name: ArmName, options: Options, file: string): Promise<ArmResult> {
  const runner = RUNNERS[name];
  const reason = await runner.unavailable();
  if (reason !== undefined) return { arm: name, reason, broken: options.required, ms: 0, outcomes: [] };
  try {
    return { ...(await runner.run(options, file)), arm: name };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { arm: name, reason: text, broken: true, ms: 0, outcomes: [] };
  }
}

// Ctrl-C ends the scenarios; what stands behind the arm is still to be stopped
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
const options = optionsOf(process.argv.slice(2));
if (typeof options === "string") console.error(`${options}\n${USAGE}`);
process.exitCode = typeof options === "string" ? 2 : await main(options);
