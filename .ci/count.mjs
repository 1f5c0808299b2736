/**
 * `node count.mjs REPORT...`: the sum of vitest's JSON reports and of those of `npm run conformance`, as `N passed, N failed`. A
 * missing report counts nothing.
 */
import { isBrokenFile, reports } from "./reports.mjs";

const sum = (count) => reports.reduce((total, report) => total + count(report), 0);

const outcomes = (arms, wanted) => arms.flatMap((arm) => arm.outcomes).filter(({ state }) => state === wanted).length;

const passed = sum(({ arms, numPassedTests }) => (arms ? outcomes(arms, "passed") : numPassedTests));
const failed = sum((report) =>
  report.arms
    ? outcomes(report.arms, "failed") + report.arms.filter(({ broken }) => broken).length
    : report.numFailedTests + report.testResults.filter(isBrokenFile).length,
);
console.log(`${passed} passed, ${failed} failed`);
