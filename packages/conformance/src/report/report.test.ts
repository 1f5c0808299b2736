import { describe, expect, test } from "vitest";
import { htmlOf, rowsOf } from "./html.ts";
import { junitOf } from "./junit.ts";
import { hasFailed, type Report } from "./result.ts";

const report: Report = {
  startedAt: "2026-11-28T20:00:00.000Z",
  subject: "abc123 A change; Linux 6.12",
  arms: [
    {
      arm: "fake",
      ms: 1500,
      outcomes: [
        { theme: "pods", title: "run", state: "passed", ms: 20 },
        {
          theme: "pods",
          title: 'say "<hello>" & go',
          state: "failed",
          ms: 1234,
          errors: ["expected 1 to be 2\n- <b>\n+ \0"],
          log: "level=error </pre><script>alert(1)</script>",
        },
      ],
    },
    {
      arm: "containerd",
      ms: 900,
      outcomes: [
        { theme: "pods", title: "run", state: "skipped", ms: 0, reason: "lxe only: it's LXD's" },
        { theme: "logs", title: "rotate", state: "passed", ms: 5 },
      ],
    },
    { arm: "incus", ms: 0, outcomes: [], reason: "Docker is not installed" },
  ],
};

const broken: Report = { ...report, arms: [{ arm: "host", ms: 1, outcomes: [], broken: true, reason: "LXD <died>" }] };

test("a row holds what each arm made of a scenario, in the order of the arms", () => {
  expect(rowsOf(report.arms).map(({ title, cells }) => [title, cells.map((cell) => cell?.state)])).toEqual([
    ["run", ["passed", "skipped", undefined]],
    ['say "<hello>" & go', ["failed", undefined, undefined]],
    ["rotate", [undefined, "passed", undefined]],
  ]);
});

test("what passed only at the second try stands out, and does not fail the run", () => {
  const outcome = { theme: "pods", title: "slow", state: "passed", ms: 9, errors: ["it was late"] } as const;
  const retried: Report = { ...report, arms: [{ arm: "host", ms: 1, outcomes: [outcome] }] };
  expect(hasFailed(retried)).toBe(false);
  const page = htmlOf(retried);
  expect(page).toContain('<a href="#host-pods-slow"><span class="mark">✓</span> 9 ms second try</a>');
  expect(page).toContain("<h2>Failed once, then passed</h2>");
  expect(page).toContain("<pre>it was late</pre>");
});

test("a failed scenario and a broken arm fail the run, an arm that was not tried does not", () => {
  expect(hasFailed(report)).toBe(true);
  expect(hasFailed(broken)).toBe(true);
  expect(hasFailed({ ...report, arms: report.arms.slice(1) })).toBe(false);
});

describe("the page", () => {
  const page = htmlOf(report);

  test("needs nothing else and is made for small screens, too", () => {
    expect(page).not.toMatch(/(src|href)="(?!#)/);
    expect(page).not.toContain("@import");
    expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(page).toContain("@media (max-width:");
  });

  test("shows texts as texts", () => {
    expect(page).toContain("say &quot;&lt;hello&gt;&quot; &amp; go");
    expect(page).not.toContain("<script>");
    expect(page).not.toContain("\0");
  });

  test("leads from a failure's cell to its error and log", () => {
    const [, anchor = ""] = /<td class="failed"[^>]*><a href="#([^"]+)">/.exec(page) ?? [];
    const article = page.slice(page.indexOf(`<article id="${anchor}">`));
    expect(article).toContain("expected 1 to be 2");
    expect(article).toContain("level=error &lt;/pre&gt;");
  });

  test("names each arm in its cells, and the reasons of what was skipped or not tried", () => {
    expect(page).toContain('data-arm="containerd"');
    expect(page).toContain("containerd: 1 × lxe only: it&#39;s LXD&#39;s");
    expect(page).toContain("Docker is not installed");
  });

  test("hides what is the same everywhere when asked to", () => {
    const rows = [...page.matchAll(/<tr( class="plain")?><th scope="row">([^<]+)/g)].map(([, plain, title]) => [
      title,
      !!plain,
    ]);
    expect(rows).toEqual([
      ["run", false],
      ["say &quot;&lt;hello&gt;&quot; &amp; go", false],
      ["rotate", true],
    ]);
  });

  test("tells why an arm is broken", () => {
    expect(htmlOf(broken)).toContain("<pre>LXD &lt;died&gt;</pre>");
  });
});

test("JUnit has a suite per arm with its counts, failures, skips and errors", () => {
  const xml = junitOf(report);
  expect(xml).toContain('<testsuite name="fake" tests="2" failures="1" errors="0" skipped="0" time="1.5"');
  expect(xml).toContain('<testsuite name="containerd" tests="2" failures="0" errors="0" skipped="1"');
  expect(xml).toContain('<skipped message="lxe only: it&#39;s LXD&#39;s"/>');
  expect(xml).toContain('<failure message="expected 1 to be 2">');
  expect(junitOf(broken)).toContain("<error>LXD &lt;died&gt;</error>");
});
