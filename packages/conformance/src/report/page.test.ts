/** The report as a browser shows it. */
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chromiumProgram, startChromium } from "../support/chromium.ts";
import { htmlOf } from "./html.ts";
import type { ArmResult, Outcome, Report } from "./result.ts";

const START_TIMEOUT_MS = 60_000;

const SCREENS: Readonly<Record<string, BrowserContextOptions>> = {
  "a small phone": { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  "a desktop": { viewport: { width: 1280, height: 800 } },
};

const FAILED = "an exit while the daemon is away has its code once it is back, however long its title may be";
const WORD = "pod-0123456789abcdef-main-0123456789abcdef/".repeat(20);

/** As a whole run has them: long titles, words that cannot be broken, long logs. */
function outcomesOf(arm: string): Outcome[] {
  const passed = Array.from({ length: 60 }, (_, number): Outcome => {
    const theme = ["pods", "containers", "logs of containers"][number % 3] ?? "";
    const title = `scenario ${number} ${number % 7 === 0 ? WORD.slice(0, 120) : "does what its title says it does"}`;
    return arm === "containerd" && number % 10 === 0
      ? { theme, title, state: "skipped", ms: 0, reason: `lxe only: ${WORD}` }
      : { theme, title, state: "passed", ms: number * 137 };
  });
  if (arm !== "incus") return passed;
  const log = Array.from({ length: 500 }, (_, number) => `level=debug line=${number} path=/${WORD}`).join("\n");
  const errors = [`nothing is left: [\n  "mount /${WORD}"\n]`];
  return [...passed, { theme: "pods", title: FAILED, state: "failed", ms: 61_234, errors, log }];
}

const arms = ["fake", "host", "lxd", "incus", "containerd"].map(
  (arm): ArmResult => ({ arm, ms: 123_456, outcomes: outcomesOf(arm) }),
);
const report: Report = { startedAt: "2026-11-28T20:00:00.000Z", subject: `abc123 A change; ${WORD}`, arms };

/** What each cell that is not empty shows, and where. */
const CELLS = `[...document.querySelectorAll(".matrix tr:not(.theme) > :is(th[scope=row], td:not(.none))")].map((cell) => ({
  text: cell.innerText, width: cell.getBoundingClientRect().width, right: cell.getBoundingClientRect().right }))`;

const program = chromiumProgram();

describe("in a browser", () => {
  const browser = Promise.withResolvers<Awaited<ReturnType<typeof startChromium>>>();
  beforeAll(async () => {
    if (program) browser.resolve(await startChromium(program));
  }, START_TIMEOUT_MS);
  beforeEach(({ skip }) => skip(!program, "no Chromium is installed, and LXE_TEST_CHROMIUM names none"));
  afterAll(async () => {
    if (program) await (await browser.promise).close();
  });

  async function open(screen: BrowserContextOptions): Promise<Page & AsyncDisposable> {
    const page = await (await browser.promise).newPage(screen);
    await page.setContent(htmlOf(report));
    return page;
  }

  describe.each(Object.entries(SCREENS))("on %s", (_, screen) => {
    const width = screen.viewport?.width ?? 0;

    test("nothing is wider than the screen, and the whole matrix can be read", async () => {
      await using page = await open(screen);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      expect(await page.evaluate("visualViewport.width")).toBe(width);
      const cells = await page.evaluate<{ text: string; width: number; right: number }[]>(CELLS);
      expect(cells).toHaveLength(60 * (1 + arms.length) + 2);
      expect(cells.filter(({ text }) => text.trim() === "")).toEqual([]);
      expect(cells.filter((cell) => cell.width === 0 || cell.right > width)).toEqual([]);
    });

    test("a failure's cell leads to its error, and its log opens", async () => {
      await using page = await open(screen);
      await page.locator(".matrix td.failed a").click();
      const article = page.locator("article", { hasText: FAILED });
      await article.locator("h3").waitFor();
      const top = (await article.boundingBox())?.y ?? -1;
      expect(top).toBeGreaterThanOrEqual(0);
      expect(top).toBeLessThan(screen.viewport?.height ?? 0);
      const log = article.locator("details pre");
      expect(await log.isVisible()).toBe(false);
      await article.locator("summary").click();
      await log.waitFor({ state: "visible" });
      expect(await log.innerText()).toContain("level=debug line=499");
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    });

    test("what agrees everywhere can be hidden", async () => {
      await using page = await open(screen);
      await page.getByText("only what failed or differs").click();
      const titles = await page.locator(".matrix tr:visible > th[scope=row]").allInnerTexts();
      expect(titles).toContain(FAILED);
      // the failure, and what containerd skipped
      expect(titles).toHaveLength(7);
    });
  });
});
