import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Many tests wait for processes of their own: two at once are faster also where vitest would take one of two processors. */
const WORKERS_MIN = 2;

export default defineConfig({
  test: {
    include: ["{apps,packages}/*/src/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/*.lxd.test.ts", "**/*.arm.test.ts"],
    maxWorkers: Math.max(WORKERS_MIN, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    silent: "passed-only",
  },
});
