/**
 * `npm run test:lxd`: all tests of the workspace that need a real LXD, with one of their own that is gone afterwards.
 * LXE_TEST_LXD_SOCKET: use that LXD instead. `--required`: an LXD that cannot be had is a failure. Other arguments are vitest's.
 */
import { join } from "node:path";
import { noLxdReason } from "../arms/host-lxd.ts";
import { WORKSPACE_ROOT } from "../support/paths.ts";
import { run, withOwnLxd } from "./own-lxd.ts";

const OWN_LXD = { directory: "/tmp/lxe-test-lxd", bridge: "lxetest0", subnet: "10.79.0.1/24" };

function vitest(args: readonly string[]): Promise<number> {
  const program = join(WORKSPACE_ROOT, "node_modules/vitest/vitest.mjs");
  return run(process.execPath, [program, "run", "--config", "vitest.lxd.config.ts", ...args]);
}

async function main(): Promise<number> {
  const given = process.argv.slice(2);
  const args = given.filter((arg) => arg !== "--required");
  if (process.env["LXE_TEST_LXD_SOCKET"]) return vitest(args);
  const reason = noLxdReason();
  if (reason === undefined) return withOwnLxd(OWN_LXD, () => vitest(args));
  const required = given.includes("--required");
  console.error(`${required ? "not possible" : "skipped"}: the tests on a real LXD: ${reason}`);
  return required ? 1 : 0;
}

// Ctrl-C ends the tests; LXD is still to be stopped
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
process.exitCode = await main();
