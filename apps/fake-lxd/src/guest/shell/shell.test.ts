import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorld, type Output, shell, startGuest, type World } from "../testing/harness.ts";
import { appletCases } from "../testing/applet-cases.ts";
import { languageCases } from "../testing/language-cases.ts";
import { askOracle, hasOracle } from "../testing/oracle.ts";
import type { ShellCase } from "../testing/shell-case.ts";
import type { Guest } from "../types.ts";

let world: World;
let guest: Guest;
let count = 0;

beforeAll(async () => {
  world = createWorld();
  guest = await startGuest(world);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** Versions of busybox differ in whether messages have line numbers. */
function withoutLines(output: Output): Output {
  return { ...output, stderr: output.stderr.replaceAll(/: line \d+/g, "") };
}

function named(cases: readonly ShellCase[]): { text: string; output: Output }[] {
  return cases.map(([text, stdout, code = 0, stderr = ""]) => ({ text, output: { stdout, stderr, code } }));
}

async function inEmptyDirectory(text: string): Promise<Output> {
  const cwd = `/tmp/case-${count++}`;
  await guest.files.mkdir(cwd, { mode: 0o755, uid: 0, gid: 0 });
  return withoutLines(await shell(world, guest, text, { cwd, stdin: "" }));
}

describe.each([
  ["language", languageCases],
  ["applets", appletCases],
])("busybox's results: %s", (_name, cases) => {
  test.each(named(cases))("$text", async ({ text, output }) => {
    expect(await inEmptyDirectory(text)).toEqual(output);
  });
});

/** What depends on how fast the machine is, or on its files, is not asked for. */
function isTimeless([text]: ShellCase): boolean {
  return !/sleep|timeout|df|\/dev\/full/.test(text);
}

describe.skipIf(!hasOracle)("the expectations are busybox's own", () => {
  const cases = [...languageCases, ...appletCases].filter(isTimeless);
  test.each(named(cases))("$text", async ({ text, output }) => {
    expect(withoutLines(await askOracle(text))).toEqual(output);
  });
});
