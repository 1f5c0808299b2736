import { defineConfig } from "vitest/config";

/** Tests that need a real LXD, one after the other: LXD slows down when pushed, and that is not what they look at. */
export default defineConfig({
  test: {
    include: ["src/**/*.lxd.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    silent: "passed-only",
  },
});
