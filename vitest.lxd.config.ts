import { defineConfig } from "vitest/config";

/** Tests that need a real LXD, one file after the other: LXD slows down when pushed, and that is not what they look at. */
export default defineConfig({
  test: {
    include: ["{apps,packages}/*/src/**/*.lxd.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // what passes only then is told apart from the rest
    retry: Number(process.env["LXE_TEST_RETRIES"] ?? 0),
    fileParallelism: false,
    silent: "passed-only",
  },
});
