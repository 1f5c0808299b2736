import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VERSION } from "../platform/version.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { lxe } from "./testing/run-program.ts";

describe("lxe version", () => {
  test("prints the version, for people and as JSON", async () => {
    expect(await lxe(["version"])).toEqual({ code: 0, stdout: `lxe ${VERSION}\n`, stderr: "" });
    expect(JSON.parse((await lxe(["version", "--json"])).stdout)).toEqual({ version: VERSION });
  });
});

describe("lxe config", () => {
  test("shows the effective config of file, environment and flags", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "lxe.yaml");
    await writeFile(file, "bridge-name: br7\nuserns: always\n");
    const { code, stdout } = await lxe(["config", "show", "--socket", "/run/other.sock"], {
      LXE_CONFIG: file,
      LXE_USERNS: "requested",
    });
    expect(code).toBe(0);
    expect(stdout).toContain("socket: /run/other.sock # flag\n");
    expect(stdout).toContain("userns: requested # environment\n");
    expect(stdout).toContain("bridge-name: br7 # file\n");
  });

  test("validates for this host", async () => {
    await using directory = await temporaryDirectory();
    const fine = ["--socket", join(directory.path, "lxe.sock"), "--state-dir", directory.path];
    expect(await lxe(["config", "validate", ...fine])).toMatchObject({
      code: 0,
      stdout: "the configuration is valid\n",
    });
    const broken = await lxe(["config", "validate", "--socket", "/dev/null/lxe.sock", "--state-dir", directory.path]);
    expect(broken).toEqual({
      code: 1,
      stdout: "",
      stderr: "lxe: the configuration is not valid:\n  socket: /dev/null is not a directory\n",
    });
  });

  test("says what is wrong with flags, without a stack", async () => {
    expect((await lxe(["config", "show", "--sockte", "/x"])).stderr).toContain("Did you mean --socket?");
    expect((await lxe(["config", "show", "--debug"])).stderr).toContain("use log-level: debug");
    const missing = await lxe(["config", "show", "--config", "/nonexistent.yaml"]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/^lxe: the configuration is not valid:\n {2}config: ENOENT.*\n$/u);
  });
});
