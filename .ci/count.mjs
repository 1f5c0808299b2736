/** `node count.mjs REPORT...`: the sum of vitest's JSON reports, as `N passed, N failed`. A missing report counts nothing. */
import { existsSync, readFileSync } from "node:fs";

const reports = process.argv
  .slice(2)
  .filter((path) => existsSync(path))
  .map((path) => JSON.parse(readFileSync(path, "utf8")));
const sum = (count) => reports.reduce((total, report) => total + count(report), 0);

// a file that cannot even be loaded has no failed tests, only a failed suite
const brokenFiles = ({ testResults }) =>
  testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0).length;

const passed = sum(({ numPassedTests }) => numPassedTests);
const failed = sum((report) => report.numFailedTests + brokenFiles(report));
console.log(`${passed} passed, ${failed} failed`);
