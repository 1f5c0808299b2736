/** The report's files. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { htmlOf } from "./html.ts";
import { junitOf } from "./junit.ts";
import type { Report } from "./result.ts";

export async function writeReport(directory: string, report: Report): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "report.json"), JSON.stringify(report, undefined, 2));
  await writeFile(join(directory, "junit.xml"), junitOf(report));
  await writeFile(join(directory, "index.html"), htmlOf(report));
}
