import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createSystemHostMounts } from "./host-mounts.ts";
import { isMountPoint, unmount } from "./mounts.ts";
import { runCommand } from "./run-command.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const isRoot = process.geteuid?.() === 0;
const mounts = createSystemHostMounts();

async function fixture() {
  const directory = await temporaryDirectory();
  const at = (...names: string[]): string => join(directory.path, ...names);
  await mkdir(at("data", "sub"), { recursive: true });
  await writeFile(at("data", "file"), "precious");
  return { at, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

afterEach(() => vi.unstubAllEnvs());

/** As if nothing could be unmounted. */
async function breakUmount(directory: string): Promise<void> {
  await mkdir(directory);
  await writeFile(join(directory, "umount"), "#!/bin/sh\nexit 32\n", { mode: 0o755 });
  vi.stubEnv("PATH", `${directory}:${process.env["PATH"]}`);
}

describe("whether others reach a path", () => {
  it("depends on every directory above it, and not on itself", async () => {
    await using host = await fixture();
    await chmod(host.at(), 0o755);
    expect(await mounts.isReachable(host.at("data", "sub"))).toBe(true);
    await chmod(host.at("data", "sub"), 0o700);
    expect(await mounts.isReachable(host.at("data", "sub"))).toBe(true);
    await chmod(host.at("data"), 0o700);
    expect(await mounts.isReachable(host.at("data", "sub"))).toBe(false);
    expect(await mounts.isReachable(host.at("data"))).toBe(true);
  });
});

describe.skipIf(!isRoot)("a stand-in for a path (as root)", () => {
  it("shows a directory with what is mounted below it, and is gone in the end; the data stays", async () => {
    await using host = await fixture();
    await runCommand("mount", ["-t", "tmpfs", "tmpfs", host.at("data", "sub")]);
    try {
      await writeFile(host.at("data", "sub", "below"), "1");
      await mounts.bind(host.at("data"), host.at("stage", "0"));
      expect(await readFile(host.at("stage", "0", "file"), "utf8")).toBe("precious");
      expect(await readFile(host.at("stage", "0", "sub", "below"), "utf8")).toBe("1");
      await mounts.release(host.at("stage"));
      await expect(stat(host.at("stage"))).rejects.toThrow("ENOENT");
      expect(await readFile(host.at("data", "sub", "below"), "utf8")).toBe("1");
      expect(await readFile(host.at("data", "file"), "utf8")).toBe("precious");
    } finally {
      await unmount(host.at("data", "sub"));
    }
  });

  it("shows a file, and is mounted once for two that ask", async () => {
    await using host = await fixture();
    await mounts.bind(host.at("data", "file"), host.at("stage", "0"));
    await mounts.bind(host.at("data", "file"), host.at("stage", "0"));
    expect(await readFile(host.at("stage", "0"), "utf8")).toBe("precious");
    await mounts.release(host.at("stage"));
    expect(await readFile(host.at("data", "file"), "utf8")).toBe("precious");
  });

  it.each(["", "file"])("keeps the data behind it when it cannot be unmounted (%j)", async (name) => {
    await using host = await fixture();
    await mounts.bind(host.at("data", name), host.at("stage", "0"));
    try {
      await breakUmount(host.at("bin"));
      await expect(mounts.release(host.at("stage"))).rejects.toThrow("umount");
      expect(await isMountPoint(host.at("stage", "0"))).toBe(true);
      expect(await readFile(host.at("data", "file"), "utf8")).toBe("precious");
    } finally {
      vi.unstubAllEnvs();
      await mounts.release(host.at("stage"));
    }
  });
});

describe("unmounting", () => {
  it.skipIf(!isRoot)("takes away all that is mounted there, and the mount point (as root)", async () => {
    await using host = await fixture();
    await mounts.bind(host.at("data"), host.at("root"));
    await runCommand("mount", ["--bind", host.at("data", "sub"), host.at("root")]);
    await mounts.unmount(host.at("root"));
    await expect(stat(host.at("root"))).rejects.toThrow("ENOENT");
    expect(await readFile(host.at("data", "file"), "utf8")).toBe("precious");
  });

  it("is fine where nothing is", async () => {
    await using host = await fixture();
    await expect(mounts.unmount(host.at("nothing"))).resolves.toBeUndefined();
  });

  it("never removes a directory with something in it", async () => {
    await using host = await fixture();
    await expect(mounts.unmount(host.at("data"))).rejects.toThrow("ENOTEMPTY");
    expect(await readFile(host.at("data", "file"), "utf8")).toBe("precious");
  });
});

describe("releasing", () => {
  it("is fine where nothing is", async () => {
    await using host = await fixture();
    await expect(mounts.release(host.at("nothing"))).resolves.toBeUndefined();
  });

  it.each(["directory", "file"])("never removes a %s with something in it", async (kind) => {
    await using host = await fixture();
    const kept = kind === "file" ? host.at("stage", "0") : host.at("stage", "0", "inside");
    await mkdir(join(kept, ".."), { recursive: true });
    await writeFile(kept, "precious");
    await expect(mounts.release(host.at("stage"))).rejects.toThrow("ENOTEMPTY");
    expect(await readFile(kept, "utf8")).toBe("precious");
  });
});
