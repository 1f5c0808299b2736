import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { baseOf, killCgroup } from "./cgroups.ts";

const V2 = existsSync("/sys/fs/cgroup/cgroup.controllers");
const INIT = existsSync("/proc/1/cgroup") ? readFileSync("/proc/1/cgroup", "utf8") : "";
const HIERARCHY = V2 ? join("/sys/fs/cgroup", baseOf(INIT, "")) : join("/sys/fs/cgroup/pids", baseOf(INIT, "pids"));
const NAME = `lxe-test-${process.pid}`;

/** A cgroup of the test's own; undefined where this process may make none. */
async function ownCgroup(): Promise<(AsyncDisposable & { procs: string }) | undefined> {
  const path = join(HIERARCHY, NAME);
  try {
    await mkdir(path);
  } catch {
    return undefined;
  }
  return { procs: join(path, "cgroup.procs"), [Symbol.asyncDispose]: () => rmdir(path) };
}

describe("LXC's paths", () => {
  const V1 = "12:pids:/docker/7\n3:cpu,cpuacct:/docker/8\n1:name=systemd:/x:y\n0::/\n";

  it.each([
    { what: "the root", init: "12:pids:/\n0::/\n", hierarchy: "pids", base: "/" },
    { what: "a container's cgroup", init: V1, hierarchy: "pids", base: "/docker/7" },
    { what: "that of another controller", init: V1, hierarchy: "cpuacct", base: "/docker/8" },
    { what: "the root of v2", init: V1, hierarchy: "", base: "/" },
    { what: "the root above systemd's own", init: "0::/init.scope\n", hierarchy: "", base: "" },
    { what: "a container's cgroup of v2", init: "0::/docker/7/init.scope\n", hierarchy: "", base: "/docker/7" },
    { what: "the root where nothing is known", init: "", hierarchy: "pids", base: "" },
  ])("begin in $what", ({ init, hierarchy, base }) => {
    expect(baseOf(init, hierarchy)).toBe(base);
  });
});

describe("killing a cgroup", () => {
  it("ends all processes in it and none outside", async ({ skip }) => {
    await using cgroup = await ownCgroup();
    skip(!cgroup, "this process may not make cgroups");
    const inside = [spawn("sleep", ["1000"]), spawn("sleep", ["1000"])];
    const outside = spawn("sleep", ["1000"]);
    const ends = inside.map((child) => new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal))));
    for (const { pid } of inside) await writeFile(cgroup?.procs ?? "", String(pid));
    await killCgroup(NAME);
    expect(await Promise.all(ends)).toEqual(["SIGKILL", "SIGKILL"]);
    expect(outside.exitCode).toBeNull();
    expect(outside.signalCode).toBeNull();
    outside.kill("SIGKILL");
  });

  it("takes one that is gone for an empty one", async () => {
    await expect(killCgroup(`${NAME}-nothing`)).resolves.toBeUndefined();
  });
});
