/**
 * `node count.mjs REPORT...`: the sum of vitest's JSON reports and of those of `npm run conformance`, as `N passed, N failed`. A
 * missing report counts nothing.
 */
import { existsSync, readFileSync } from "node:fs";

const reports = process.argv
  .slice(2)
  .filter((path) => existsSync(path))
  .map((path) => JSON.parse(readFileSync(path, "utf8")));
const sum = (count) => reports.reduce((total, report) => total + count(report), 0);

// a file that cannot even be loaded has no failed tests, only a failed suite
const brokenFiles = ({ testResults }) =>
  testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0).length;

const outcomes = (arms, wanted) => arms.flatMap((arm) => arm.outcomes).filter(({ state }) => state === wanted).length;

const passed = sum(({ arms, numPassedTests }) => (arms ? outcomes(arms, "passed") : numPassedTests));
const failed = sum((report) =>
  report.arms
    ? outcomes(report.arms, "failed") + report.arms.filter(({ broken }) => broken).length
    : report.numFailedTests + brokenFiles(report),
);
console.log(`${passed} passed, ${failed} failed`);
