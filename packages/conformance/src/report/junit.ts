/** The report as JUnit XML: a suite per arm, as CI systems read it. */
import { type ArmResult, countOf, type Outcome, type Report } from "./result.ts";

export function junitOf({ arms, startedAt }: Report): string {
  const suites = arms.map((arm) => suiteOf(arm, startedAt));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="conformance">\n${suites.join("")}</testsuites>\n`;
}

function suiteOf(result: ArmResult, timestamp: string): string {
  const { arm, outcomes, broken, reason, ms } = result;
  const { failed, skipped } = countOf(result);
  const errors = broken ? 1 : 0;
  const attributes = attributesOf({
    name: arm,
    tests: outcomes.length,
    failures: failed - errors,
    errors,
    skipped,
    time: ms / 1000,
    timestamp,
  });
  const whole = broken ? `<testcase name="the arm"><error>${escape(reason ?? "")}</error></testcase>\n` : "";
  return `<testsuite${attributes}>\n${outcomes.map((outcome) => caseOf(arm, outcome)).join("")}${whole}</testsuite>\n`;
}

function caseOf(arm: string, { theme, title, ms, state, reason, errors = [], log }: Outcome): string {
  const attributes = attributesOf({ classname: `${arm}.${theme}`, name: title, time: ms / 1000 });
  const skipped = state === "skipped" ? `<skipped${attributesOf({ message: reason ?? "" })}/>` : "";
  const failures = errors.map(
    (error) => `<failure${attributesOf({ message: error.split("\n")[0] ?? "" })}>${escape(error)}</failure>`,
  );
  const output = log === undefined ? "" : `<system-out>${escape(log)}</system-out>`;
  return `<testcase${attributes}>${skipped}${failures.join("")}${output}</testcase>\n`;
}

const attributesOf = (attributes: Readonly<Record<string, string | number>>): string =>
  Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escape(String(value)).replaceAll("\n", "&#10;")}"`)
    .join("");

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Also for HTML. Control characters, which XML cannot have, are replaced. */
export const escape = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd").replaceAll(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
