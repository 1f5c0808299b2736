/**
 * `npm run test:lxd`: all tests of the workspace that need a real LXD, with one of their own that is gone afterwards.
 * LXE_TEST_LXD_SOCKET: use that LXD instead. `--required`: an LXD that cannot be had is a failure. Other arguments are vitest's.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { noLxdReason } from "../arms/host-lxd.ts";
import { LXD_SCRIPT, WORKSPACE_ROOT } from "../support/paths.ts";

/** Always the same, so that the next run finds what a killed one left. Short: LXD's sockets lie below it. */
const LXD_DIRECTORY = "/tmp/lxe-test-lxd";
const LOG_LINES = 40;
const BRIDGE = { BRIDGE: process.env["BRIDGE"] ?? "lxetest0", SUBNET: process.env["SUBNET"] ?? "10.79.0.1/24" };

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(program, args, { stdio: "inherit", cwd: WORKSPACE_ROOT, env: { ...process.env, ...env } });
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}

function vitest(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const program = join(WORKSPACE_ROOT, "node_modules/vitest/vitest.mjs");
  return run(process.execPath, [program, "run", "--config", "vitest.lxd.config.ts", ...args], env);
}

async function withOwnLxd(args: readonly string[]): Promise<number> {
  const started = await run(LXD_SCRIPT, ["start", LXD_DIRECTORY], BRIDGE);
  try {
    if (started !== 0) return started;
    const code = await vitest(args, {
      LXE_TEST_LXD_DIR: LXD_DIRECTORY,
      LXE_TEST_LXD_SOCKET: join(LXD_DIRECTORY, "unix.socket"),
      LXE_TEST_BRIDGE: BRIDGE.BRIDGE,
    });
    if (code !== 0) await showLog();
    return code;
  } finally {
    await run(LXD_SCRIPT, ["stop", LXD_DIRECTORY], BRIDGE);
  }
}

/** LXD 5.0 can crash; only its log says why, and that goes with its directory. */
async function showLog(): Promise<void> {
  const log = await readFile(`${LXD_DIRECTORY}.log`, "utf8").catch(() => "");
  const lines = log.split("\n");
  const panic = lines.findIndex((line) => /^(panic|fatal error|SIG[A-Z]+):/.test(line));
  const shown = panic === -1 ? lines.slice(-LOG_LINES) : lines.slice(Math.max(0, panic - 5), panic + LOG_LINES);
  console.error(`LXD's log:\n${shown.join("\n")}`);
}

async function main(): Promise<number> {
  const given = process.argv.slice(2);
  const args = given.filter((arg) => arg !== "--required");
  if (process.env["LXE_TEST_LXD_SOCKET"]) return vitest(args, {});
  const reason = noLxdReason();
  if (reason === undefined) return withOwnLxd(args);
  const required = given.includes("--required");
  console.error(`${required ? "not possible" : "skipped"}: the tests on a real LXD: ${reason}`);
  return required ? 1 : 0;
}

// Ctrl-C ends the tests; LXD is still to be stopped
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
process.exitCode = await main();
