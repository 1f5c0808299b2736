import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{apps,packages}/*/src/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/*.lxd.test.ts", "**/*.arm.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    silent: "passed-only",
  },
});
