/**
 * `node failures.mjs REPORT...`: what failed in vitest's JSON reports and in those of `npm run conformance` (✗), or failed once and
 * then passed (≈), each with the first lines of its error. Prints nothing where nothing failed; a missing report is left out. It
 * counts nothing: count.mjs does.
 */
import { relative } from "node:path";
import { isBrokenFile, reports } from "./reports.mjs";

const errorLines = 12;

const beginning = (text = "") =>
  text
    .split("\n")
    .filter((line) => !/^ +at .*(node_modules|new Promise)/.test(line))
    .slice(0, errorLines)
    .map((line) => `      ${line}`)
    .join("\n");

const marked = (state, errors, name) => {
  if (state !== "failed" && errors.length === 0) return [];
  return [`${state === "failed" ? "✗" : "≈"} ${name}\n${beginning(errors.join("\n"))}`];
};

const ofVitest = ({ testResults }) =>
  testResults.flatMap((result) => {
    const file = relative(process.cwd(), result.name);
    if (isBrokenFile(result)) return marked("failed", [result.message], file);
    return result.assertionResults.flatMap((test) =>
      marked(test.status, test.failureMessages ?? [], `${file} › ${test.fullName}`),
    );
  });

const ofConformance = ({ arms }) =>
  arms.flatMap(({ arm, broken, reason, outcomes }) => [
    ...(broken ? marked("failed", [reason], arm) : []),
    ...outcomes.flatMap(({ state, theme, title, errors = [] }) =>
      marked(state, errors, `${arm} › ${theme} › ${title}`),
    ),
  ]);

for (const line of reports.flatMap((report) => (report.arms ? ofConformance(report) : ofVitest(report))))
  console.log(`  ${line}`);
