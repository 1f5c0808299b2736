import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { createConfig } from "./config.ts";
import { checkOnHost } from "./host-check.ts";

test("directories that can be made are fine, and are not made", async () => {
  await using directory = await temporaryDirectory();
  const config = createConfig({ socket: join(directory.path, "a/b/lxe.sock"), stateDir: join(directory.path, "c/d") });
  expect(await checkOnHost(config)).toEqual([]);
  expect(await readdir(directory.path)).toEqual([]);
});

test("what is in the way is named", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "file");
  await writeFile(file, "");
  const config = createConfig({
    socket: join(file, "lxe.sock"),
    stateDir: join(file, "deep"),
    lxdRemoteConfig: directory.path,
  });
  expect(await checkOnHost(config)).toEqual([
    `socket: ${file} is not a directory`,
    `state-dir: ${file} is not a directory`,
    `lxd-remote-config: ${directory.path} is not a file`,
  ]);
});

test("a socket path that the kernel cannot take is named", async () => {
  const socket = `/tmp/${"x".repeat(103)}`;
  expect(await checkOnHost(createConfig({ socket, stateDir: "/tmp" }))).toEqual([
    `socket: ${socket} is longer than the 107 bytes of a unix socket's path`,
  ]);
});

test.runIf(process.geteuid?.() !== 0)("a directory without the right to write is named", async () => {
  await using directory = await temporaryDirectory();
  const locked = join(directory.path, "locked");
  await mkdir(locked);
  await chmod(locked, 0o500);
  const config = createConfig({ socket: join(directory.path, "lxe.sock"), stateDir: locked });
  expect(await checkOnHost(config)).toEqual([`state-dir: ${locked} cannot be written by this user`]);
});
