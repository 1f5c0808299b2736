/**
 * The report as one page that needs no other file: a matrix of scenarios and arms, failures with their logs, reasons of what
 * was skipped. On a narrow screen a scenario is a card with its arms below the title.
 */
import { escape } from "./junit.ts";
import { type ArmResult, countOf, isSecondTry, type Outcome, type Report } from "./result.ts";
import { STYLE } from "./style.ts";

interface Row {
  readonly theme: string;
  readonly title: string;
  /** In the order of the arms; undefined where the arm did not come to it. */
  readonly cells: readonly (Outcome | undefined)[];
}

export function htmlOf(report: Report): string {
  const rows = rowsOf(report.arms);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>lxe conformance</title>
<style>${STYLE}</style>
</head>
<body>
<h1>lxe conformance</h1>
<p class="subject">${escape(report.subject)}<br><time>${escape(report.startedAt)}</time></p>
${summaryOf(report.arms)}
<label class="only"><input type="checkbox" id="only"> only what failed or differs between arms</label>
${matrixOf(report.arms, rows)}
${failuresOf(report.arms)}
${skipsOf(report.arms)}
</body>
</html>
`;
}

/** Every scenario that any arm knows, in the order of the first that does. */
export function rowsOf(arms: readonly ArmResult[]): Row[] {
  const keys = new Map<string, { theme: string; title: string }>();
  for (const { outcomes } of arms) {
    for (const { theme, title } of outcomes) keys.set(JSON.stringify([theme, title]), { theme, title });
  }
  const found = arms.map(
    ({ outcomes }) => new Map(outcomes.map((outcome) => [JSON.stringify([outcome.theme, outcome.title]), outcome])),
  );
  return [...keys].map(([key, names]) => ({ ...names, cells: found.map((outcomes) => outcomes.get(key)) }));
}

function summaryOf(arms: readonly ArmResult[]): string {
  const cards = arms.map((result) => {
    const { passed, failed, skipped } = countOf(result);
    const untried = result.outcomes.length === 0 && !result.broken;
    const state = untried ? "skipped" : failed > 0 ? "failed" : "passed";
    const numbers = untried
      ? "not tried"
      : `<b>${passed}</b> passed, <b>${failed}</b> failed, <b>${skipped}</b> skipped, ${seconds(result.ms)}`;
    const reason = result.reason === undefined ? "" : `<span class="reason">${escape(firstLine(result.reason))}</span>`;
    return `<li class="${state}"><strong>${escape(result.arm)}</strong> <span>${numbers}</span>${reason}</li>`;
  });
  return `<ul class="summary">${cards.join("")}</ul>`;
}

function matrixOf(arms: readonly ArmResult[], rows: readonly Row[]): string {
  const head = arms.map(({ arm }) => `<th scope="col">${escape(arm)}</th>`).join("");
  const themes = [...new Set(rows.map(({ theme }) => theme))];
  const bodies = themes.map((theme) => {
    const own = rows.filter((row) => row.theme === theme);
    const plain = own.every((row) => !stands(row)) ? ' class="plain"' : "";
    const heading = `<tr class="theme"><th colspan="${arms.length + 1}" scope="colgroup">${escape(theme)}</th></tr>`;
    return `<tbody${plain}>${heading}${own.map((row) => rowOf(arms, row)).join("\n")}</tbody>`;
  });
  return `<table class="matrix"><thead><tr><th scope="col">scenario</th>${head}</tr></thead>${bodies.join("\n")}</table>`;
}

function rowOf(arms: readonly ArmResult[], row: Row): string {
  const cells = row.cells.map((outcome, position) => cellOf(arms[position]?.arm ?? "", outcome));
  return `<tr${stands(row) ? "" : ' class="plain"'}><th scope="row">${escape(row.title)}</th>${cells.join("")}</tr>`;
}

/** Whether the row is worth a look: a failure, if only at the first try, or arms that do not agree. */
function stands({ cells }: Row): boolean {
  const outcomes = cells.filter((cell) => cell !== undefined);
  const states = new Set(outcomes.map(({ state }) => state));
  return states.has("failed") || states.size > 1 || outcomes.some(isSecondTry);
}

const MARKS = { passed: "✓", failed: "✗", skipped: "–" } as const;

function cellOf(arm: string, outcome: Outcome | undefined): string {
  const label = ` data-arm="${escape(arm)}"`;
  if (!outcome) return `<td class="none"${label}></td>`;
  const { state, ms, reason } = outcome;
  const mark = `<span class="mark">${MARKS[state]}</span>`;
  if (state === "failed" || isSecondTry(outcome)) {
    const note = state === "failed" ? "" : " second try";
    const link = `<a href="#${anchorOf(arm, outcome)}">${mark} ${seconds(ms)}${note}</a>`;
    return `<td class="${state}"${label}>${link}</td>`;
  }
  const text = state === "skipped" ? `<span class="hint">skipped</span>` : seconds(ms);
  return `<td class="${state}"${label} title="${escape(reason ?? "")}">${mark} ${text}</td>`;
}

function failuresOf(arms: readonly ArmResult[]): string {
  const broken = arms
    .filter((result) => result.broken)
    .map(({ arm, reason }) => `<article><h3>${escape(arm)}: the arm</h3><pre>${escape(reason ?? "")}</pre></article>`);
  const failed = arms.flatMap(({ arm, outcomes }) =>
    outcomes.filter(({ state }) => state === "failed").map((outcome) => failureOf(arm, outcome)),
  );
  const retried = arms.flatMap(({ arm, outcomes }) =>
    outcomes.filter(isSecondTry).map((outcome) => failureOf(arm, outcome)),
  );
  return `${section("Failures", [...broken, ...failed])}${section("Failed once, then passed", retried)}`;
}

const section = (heading: string, articles: readonly string[]): string =>
  articles.length === 0 ? "" : `<section><h2>${heading}</h2>${articles.join("\n")}</section>`;

function failureOf(arm: string, outcome: Outcome): string {
  const { theme, title, errors = [], log } = outcome;
  const texts = errors.map((error) => `<pre>${escape(error)}</pre>`).join("");
  const logs = log ? `<details><summary>the runtime's log meanwhile</summary><pre>${escape(log)}</pre></details>` : "";
  const heading = `<h3>${escape(arm)}: ${escape(theme)} › ${escape(title)}</h3>`;
  return `<article id="${anchorOf(arm, outcome)}">${heading}${texts}${logs}</article>`;
}

function skipsOf(arms: readonly ArmResult[]): string {
  const items = arms.flatMap(({ arm, outcomes }) => {
    const reasons = Map.groupBy(
      outcomes.filter(({ state }) => state === "skipped"),
      ({ reason }) => reason ?? "",
    );
    return [...reasons].map(([reason, own]) => {
      const titles = own.map(({ theme, title }) => `<li>${escape(theme)} › ${escape(title)}</li>`);
      return `<details><summary>${escape(arm)}: ${own.length} × ${escape(reason)}</summary><ul>${titles.join("")}</ul></details>`;
    });
  });
  return items.length === 0 ? "" : `<section class="skips"><h2>Skipped, and why</h2>${items.join("\n")}</section>`;
}

const anchorOf = (arm: string, { theme, title }: Outcome): string =>
  `${arm}-${theme}-${title}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

const seconds = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
const firstLine = (text: string): string => text.split("\n")[0] ?? "";
