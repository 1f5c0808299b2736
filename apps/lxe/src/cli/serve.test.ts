import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { runCommand } from "../platform/run-command.ts";
import type { TemporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { VERSION } from "../platform/version.ts";
import type { RunningProgram } from "./testing/run-program.ts";
import { LXE, startProgram } from "./testing/run-program.ts";

function socketIn(directory: TemporaryDirectory): string {
  return join(directory.path, "lxe.sock");
}

/** A daemon without an LXD to talk to. */
function startServe(directory: TemporaryDirectory): RunningProgram {
  const flags = ["--socket", socketIn(directory), "--state-dir", join(directory.path, "state")];
  return startProgram(LXE, ["serve", ...flags, "--lxd-socket", join(directory.path, "lxd.sock")]);
}

async function untilReady(daemon: RunningProgram): Promise<void> {
  await vi.waitFor(() => expect(daemon.stderr()).toContain(" ready "), { timeout: 20_000 });
}

test("the daemon serves on a socket of mode 0660 without an LXD, survives SIGHUP and ends on SIGTERM", async () => {
  await using directory = await temporaryDirectory();
  await using daemon = startServe(directory);
  await untilReady(daemon);
  expect((await stat(socketIn(directory))).mode & 0o777).toBe(0o660);
  daemon.child.kill("SIGHUP");
  daemon.child.kill("SIGTERM");
  const { code, stderr } = await daemon.ended;
  expect(code).toBe(0);
  expect(stderr).toContain("stopping");
  expect(await readdir(directory.path)).not.toContain("lxe.sock");
});

test("a second daemon is refused while the first lives, and takes over when it was killed", async () => {
  await using directory = await temporaryDirectory();
  await using first = startServe(directory);
  await untilReady(first);
  await using second = startServe(directory);
  const { code, stderr } = await second.ended;
  expect(code).toBe(1);
  expect(stderr).toBe(`lxe: another process serves ${socketIn(directory)}: stop it, or choose another --socket\n`);
  first.child.kill("SIGKILL");
  await first.ended;
  await using third = startServe(directory);
  await untilReady(third);
  third.child.kill("SIGTERM");
  expect((await third.ended).code).toBe(0);
});

test("the bundle runs on its own and knows its version", async () => {
  await using directory = await temporaryDirectory();
  const app = new URL("../../", import.meta.url).pathname;
  await runCommand("sh", [
    "-c",
    'cd "$1" && exec "$0" ../../scripts/build.mjs lxe "$2"',
    process.execPath,
    app,
    directory.path,
  ]);
  const { stdout } = await runCommand(process.execPath, [join(directory.path, "lxe.js"), "version"]);
  expect(stdout).toBe(`lxe ${VERSION}\n`);
});
