/** The look of the report, light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1c2024; --dim: #60646c; --line: #d9d9e0; --page: #fff; --panel: #f4f4f6;
  --good: #18794e; --bad: #cd2b31; --bad-panel: #ffecee; --idle: #8b8d98; }
@media (prefers-color-scheme: dark) {
  :root { --text: #edeef0; --dim: #b0b4ba; --line: #3a3f42; --page: #15171a; --panel: #1f2226;
    --good: #4cc38a; --bad: #ff8589; --bad-panel: #3b1a1d; --idle: #80838d; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 75rem; background: var(--page); color: var(--text);
  font: 16px/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.5rem; }
h2 { margin: 2rem 0 .5rem; font-size: 1.2rem; }
h3 { margin: 0 0 .5rem; font-size: 1rem; }
.subject { margin: .25rem 0 1rem; color: var(--dim); font-size: .875rem; }
.summary { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .5rem; margin: 0 0 1rem; padding: 0; list-style: none; }
.summary li { padding: .5rem .75rem; background: var(--panel); border-left: .25rem solid var(--idle); border-radius: .25rem; font-size: .875rem; }
.summary strong { display: block; font-size: 1rem; }
.summary .passed { border-color: var(--good); }
.summary .failed { border-color: var(--bad); }
.reason { display: block; color: var(--dim); }
.only { display: inline-flex; gap: .5rem; align-items: center; min-height: 2.75rem; }
.only input { width: 1.25rem; height: 1.25rem; }
body:has(#only:checked) .plain { display: none; }
.matrix { width: 100%; border-collapse: collapse; font-size: .875rem; }
.matrix th, .matrix td { padding: .3rem .6rem; text-align: left; border-bottom: 1px solid var(--line); }
.matrix tr > th:first-child { font-weight: normal; }
.matrix thead th { position: sticky; top: 0; background: var(--page); z-index: 1; }
.matrix td { white-space: nowrap; color: var(--dim); font-variant-numeric: tabular-nums; }
.matrix tr.theme > th { padding-top: 1rem; font-weight: bold; }
.passed .mark { color: var(--good); }
.matrix td.failed { background: var(--bad-panel); }
.matrix td.failed a { color: var(--bad); font-weight: bold; }
article { margin: 0 0 1rem; padding: .75rem; background: var(--panel); border-left: .25rem solid var(--bad); border-radius: .25rem; scroll-margin-top: 1rem; }
pre { margin: 0 0 .5rem; padding: .5rem; max-height: 30rem; overflow: auto; background: var(--page); border: 1px solid var(--line);
  border-radius: .25rem; font-size: .8125rem; white-space: pre-wrap; }
summary { min-height: 2.75rem; padding: .6rem 0; cursor: pointer; }
@media (max-width: 45rem) {
  .matrix, .matrix tbody { display: block; }
  .matrix thead { display: none; }
  .matrix tr { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .matrix th { grid-column: 1 / -1; border: 0; padding: 0 0 .25rem; font-size: .9375rem; }
  .matrix td { border: 0; padding: .15rem .35rem; }
  .matrix td::before { content: attr(data-arm) " "; color: var(--text); }
  .matrix td.none { display: none; }
  .hint { display: none; }
}
`;
