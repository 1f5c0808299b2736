/**
 * `node failures.mjs REPORT...`: what failed in vitest's JSON reports and in those of `npm run conformance`, each with the first
 * lines of its error. Prints nothing where nothing failed; a missing report is left out. It counts nothing: count.mjs does.
 */
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

const errorLines = 12;

const reports = process.argv
  .slice(2)
  .filter((path) => existsSync(path))
  .map((path) => JSON.parse(readFileSync(path, "utf8")));

const beginning = (text = "") =>
  text
    .split("\n")
    .slice(0, errorLines)
    .map((line) => `      ${line}`)
    .join("\n");

const ofVitest = ({ testResults }) =>
  testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    if (status === "failed" && assertionResults.length === 0) return [`${file}\n${beginning(message)}`];
    return assertionResults
      .filter((test) => test.status === "failed")
      .map((test) => `${file} › ${test.fullName}\n${beginning(test.failureMessages.join("\n"))}`);
  });

const ofConformance = ({ arms }) =>
  arms.flatMap(({ arm, broken, reason, outcomes }) => [
    ...(broken ? [`${arm}\n${beginning(reason)}`] : []),
    ...outcomes
      .filter(({ state }) => state === "failed")
      .map(({ theme, title, errors = [] }) => `${arm} › ${theme} › ${title}\n${beginning(errors.join("\n"))}`),
  ]);

for (const line of reports.flatMap((report) => (report.arms ? ofConformance(report) : ofVitest(report))))
  console.log(`  ✗ ${line}`);
