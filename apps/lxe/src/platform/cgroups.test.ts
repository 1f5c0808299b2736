import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { killCgroup } from "./cgroups.ts";

const V2 = existsSync("/sys/fs/cgroup/cgroup.controllers");
const HIERARCHY = V2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids";
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
