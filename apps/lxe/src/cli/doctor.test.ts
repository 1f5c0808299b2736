import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startFakeLxd } from "@lxe/fake-lxd";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { lxe } from "./testing/run-program.ts";

test("all is well on a node that has all, but for a daemon", async () => {
  await using directory = await temporaryDirectory();
  await chmod(directory.path, 0o755);
  await using fake = await startFakeLxd();
  const flags = ["--socket", join(directory.path, "lxe.sock"), "--state-dir", join(directory.path, "state")];
  const { code, stdout, stderr } = await lxe(["doctor", ...flags, "--lxd-socket", fake.socketPath]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^fine +the configuration is valid for this host$/mu);
  expect(stdout).toMatch(/^fine +exec, attach and port-forward are served for this host alone$/mu);
  expect(stdout).toMatch(/^fine +\S+ \S+ answers at /mu);
  expect(stdout).toMatch(/^fine +root disks are made in the storage pool default$/mu);
  expect(stdout).toMatch(/^note +nobody serves .*lxe\.sock: start lxe/mu);
  expect(stdout).not.toMatch(/^problem/mu);
});

test("what is missing or open is told, with what to do", async () => {
  await using directory = await temporaryDirectory();
  const closed = join(directory.path, "closed");
  await mkdir(closed, { mode: 0o700 });
  const { code, stdout } = await lxe([
    "doctor",
    "--socket",
    join(directory.path, "lxe.sock"),
    "--state-dir",
    join(closed, "state"),
    "--lxd-socket",
    join(directory.path, "no-lxd.sock"),
    "--streaming-bindaddr",
    "0.0.0.0:10010",
  ]);
  expect(code).toBe(1);
  expect(stdout).toContain(`problem  state-dir: containers cannot enter ${closed}: chmod o+x ${closed}`);
  expect(stdout).toMatch(
    /^problem +lxd-socket: LXD does not answer at .*no-lxd\.sock .*: start it, or set lxd-socket$/mu,
  );
  expect(stdout).toMatch(/^note +streaming-bindaddr: .* at 0\.0\.0\.0:10010, without TLS: set it to 127\.0\.0\.1:0/mu);
});
