import { defineConfig } from "vitest/config";

/** The scenarios on one arm, LXE_TEST_ARM: `npm run conformance` sets all of it. */
export default defineConfig({
  test: {
    include: ["packages/conformance/src/scenarios.arm.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // what passes only then is told apart from the rest
    retry: Number(process.env["LXE_TEST_RETRIES"] ?? 0),
    silent: "passed-only",
    reporters: ["./packages/conformance/src/report/progress.ts"],
  },
});
