/**
 * A reporter of vitest: a line for each scenario as it ends, and at the end the arm's result in the file that
 * LXE_TEST_RESULT names.
 */
import { writeFileSync } from "node:fs";
import { stripVTControlCharacters, styleText } from "node:util";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { type ArmResult, isSecondTry, type Outcome } from "./result.ts";

const MARKS = {
  passed: styleText("green", "✓"),
  failed: styleText("red", "✗"),
  skipped: styleText("yellow", "-"),
} as const;

export default class ProgressReporter implements Reporter {
  readonly #outcomes: Outcome[] = [];
  readonly #startedAt = performance.now();
  #total = 0;

  onTestModuleCollected(module: TestModule): void {
    this.#total += [...module.children.allTests()].length;
  }

  onTestCaseResult(test: TestCase): void {
    const outcome = outcomeOf(test);
    // those that --grep leaves out are no news
    if (outcome.state === "skipped" && outcome.reason === undefined) {
      this.#total -= 1;
      return;
    }
    this.#outcomes.push(outcome);
    const { state, theme, title, ms, reason, errors } = outcome;
    const place = `${this.#outcomes.length}/${this.#total}`.padStart(7);
    const note = isSecondTry(outcome) ? `${ms} ms, at the second try` : (reason ?? `${ms} ms`);
    console.log(`${place} ${MARKS[state]} ${theme} › ${title} ${styleText("dim", note)}`);
    for (const error of errors ?? []) console.log(error.replaceAll(/^/gm, "          "));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message: string; stack?: string }[]): void {
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = [...suites.flatMap((suite) => suite.errors()), ...unhandled].map(
      ({ message, stack }) => stack ?? message,
    );
    for (const text of broken) console.log(text);
    const result: ArmResult = {
      arm: process.env["LXE_TEST_ARM"] ?? "",
      ms: Math.round(performance.now() - this.#startedAt),
      outcomes: this.#outcomes,
      ...(broken.length > 0 ? { broken: true, reason: stripVTControlCharacters(broken.join("\n\n")) } : {}),
    };
    const file = process.env["LXE_TEST_RESULT"];
    if (file !== undefined) writeFileSync(file, JSON.stringify(result));
  }
}

function outcomeOf(test: TestCase): Outcome {
  const result = test.result();
  const parent = test.parent;
  const { log } = test.meta();
  return {
    theme: parent.type === "suite" ? parent.name : "",
    title: test.name,
    state: result.state === "pending" ? "failed" : result.state,
    ms: Math.round(test.diagnostic()?.duration ?? 0),
    ...(result.state === "skipped" && result.note !== undefined ? { reason: result.note } : {}),
    // those of a first try stay with what passed at the second
    ...(result.errors?.length ? { errors: result.errors.map(textOf) } : {}),
    ...(log === undefined ? {} : { log: stripVTControlCharacters(log) }),
  };
}

/** The end of a scope that fails after its body hides what the body failed with: a SuppressedError, whose own message is empty. */
function textOf({ message, stack = "", diff, cause, error, suppressed }: TestErrorLike): string {
  const place = stack.split("\n").filter((line) => /packages\/conformance\/src\/(scenarios|support)/.test(line));
  const inner = Object.entries({ "caused by": cause, "at the end": error, before: suppressed }).map(([how, found]) =>
    found ? `${how}: ${textOf(found as TestErrorLike)}` : "",
  );
  const parts = [message, diff, ...place.slice(0, 4), ...inner];
  return stripVTControlCharacters(parts.filter(Boolean).join("\n"));
}

interface TestErrorLike {
  readonly message: string;
  readonly stack?: string;
  readonly diff?: string;
  readonly cause?: unknown;
  readonly error?: unknown;
  readonly suppressed?: unknown;
}
