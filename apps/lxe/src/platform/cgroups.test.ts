import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { baseOf, killCgroup, memoryHeld, openCgroup, setCgroup, setOomScore } from "./cgroups.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

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

const CPUSETS = join("/sys/fs/cgroup/cpuset", baseOf(INIT, "cpuset"));

/** Cgroups of the test's own, each with CPUs but not handing them on, as a kubelet makes them; undefined where this process may make none. */
async function kubeletCgroups(...paths: string[]): Promise<AsyncDisposable | undefined> {
  const directories = paths.map((path) => join(CPUSETS, path));
  try {
    for (const directory of directories) {
      await mkdir(directory);
      for (const file of ["cpuset.cpus", "cpuset.mems"])
        await writeFile(join(directory, file), await readFile(join(directory, "..", file)));
      await writeFile(join(directory, "cgroup.clone_children"), "0");
    }
  } catch {
    return undefined;
  }
  const remove = async (): Promise<void> => {
    for (const directory of directories.toReversed()) await rmdir(directory);
  };
  return { [Symbol.asyncDispose]: remove };
}

async function fakeCpuset(directory: string, content: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const file of ["cpuset.cpus", "cpuset.mems"]) await writeFile(join(directory, file), content);
  await writeFile(join(directory, "cgroup.clone_children"), "0");
}

describe("opening a cgroup", () => {
  const PARENTS = [NAME, `${NAME}/besteffort`, `${NAME}/besteffort/pod7`];
  const OWN = `${NAME}/besteffort/pod7/web`;

  it("gives one below a kubelet's the CPUs that a process in it needs", async ({ skip }) => {
    await using parents = await kubeletCgroups(...PARENTS);
    skip(!parents, "no cgroups of v1, or this process may not make any");
    await openCgroup(OWN);
    await using _own = { [Symbol.asyncDispose]: () => rmdir(join(CPUSETS, OWN)) };
    await mkdir(join(CPUSETS, OWN));
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      expect(await readFile(join(CPUSETS, OWN, file), "utf8")).toBe(await readFile(join(CPUSETS, file), "utf8"));
    }
  });

  it("fills parents that have no CPUs themselves, and leaves alone what is not there", async () => {
    await using root = await temporaryDirectory();
    const at = (...parts: string[]): string => join(root.path, "cpuset", baseOf(INIT, "cpuset"), ...parts);
    await fakeCpuset(at(), "0-3\n");
    await fakeCpuset(at("a"), "1\n");
    await fakeCpuset(at("a", "b"), "\n");
    await openCgroup("a/b/c/d", root.path);
    expect(await readFile(at("a", "cpuset.cpus"), "utf8")).toBe("1\n");
    expect(await readFile(at("a", "b", "cpuset.cpus"), "utf8")).toBe("1\n");
    for (const path of ["a", "a/b"]) expect(await readFile(at(path, "cgroup.clone_children"), "utf8")).toBe("1");
    expect(await readFile(at("cgroup.clone_children"), "utf8")).toBe("0");
    expect(existsSync(at("a", "b", "c"))).toBe(false);
  });

  it("has nothing to do in v2", async () => {
    await expect(openCgroup("a/b", "/sys/fs/cgroup/unified")).resolves.toBeUndefined();
  });
});

/** Files as they are in one of a host with that version. */
async function fakeCgroup(version: 1 | 2, files: Record<string, string>) {
  const root = await temporaryDirectory();
  if (version === 2) await writeFile(join(root.path, "cgroup.controllers"), "cpu memory\n");
  const at = (file: string): string => {
    const hierarchy = version === 2 ? "" : (file.split(".")[0] ?? "");
    return join(root.path, hierarchy, baseOf(INIT, hierarchy), "a/b", file);
  };
  for (const [file, content] of Object.entries(files)) {
    await mkdir(join(at(file), ".."), { recursive: true });
    await writeFile(at(file), content);
  }
  return { root, at, [Symbol.asyncDispose]: () => root[Symbol.asyncDispose]() };
}

describe("setting a cgroup's limits", () => {
  it.each([
    { version: 1 as const, file: "cpu.shares" },
    { version: 2 as const, file: "cpu.weight" },
  ])("writes the files of v$version in order", async ({ version, file }) => {
    await using all = await fakeCgroup(version, { [file]: "1000", "memory.limit": "9" });
    const settings = ["7", "8"].map((value) => ({ file, value }));
    await setCgroup("a/b", [...settings, { file: "memory.limit", value: "5" }], all.root.path);
    expect(await readFile(all.at(file), "utf8")).toMatch(/^8/);
    expect(await readFile(all.at("memory.limit"), "utf8")).toBe("5");
  });

  it("writes nothing where the last value of each file is in force, and all where one is not", async () => {
    await using all = await fakeCgroup(1, { "cpu.cfs_quota_us": "5\n", "cpu.shares": "1\n" });
    const quota = ["-1", "5"].map((value) => ({ file: "cpu.cfs_quota_us", value }));
    await setCgroup("a/b", [...quota, { file: "cpu.shares", value: "1" }], all.root.path);
    expect(await readFile(all.at("cpu.cfs_quota_us"), "utf8")).toBe("5\n");
    await setCgroup("a/b", [...quota, { file: "cpu.shares", value: "2" }], all.root.path);
    // in a file that is none of the kernel's, "5" stands over what was left of "-1"
    expect(await readFile(all.at("cpu.cfs_quota_us"), "utf8")).toBe("51");
    expect(await readFile(all.at("cpu.shares"), "utf8")).toBe("2\n");
  });

  it("has nothing to do where the cgroup is gone; else it names a file that the kernel does not have, and undoes the rest", async () => {
    await using all = await fakeCgroup(2, { "cpu.weight": "1" });
    await setCgroup("a/gone", [{ file: "cpu.weight", value: "2" }], all.root.path);
    const settings = ["cpu.weight", "memory.nothing"].map((file) => ({ file, value: "2" }));
    await expect(setCgroup("a/b", settings, all.root.path)).rejects.toThrow("memory.nothing = 2: ENOENT");
    expect(await readFile(all.at("cpu.weight"), "utf8")).toBe("1");
  });

  it("gives all processes their score, those of cgroups below, too, and passes over what has ended", async () => {
    await using all = await fakeCgroup(2, {});
    const children = [spawn("sleep", ["1000"]), spawn("sleep", ["1000"])];
    const [first, second] = children.map(({ pid }) => pid ?? 0);
    await mkdir(all.at("below"), { recursive: true });
    await writeFile(all.at("cgroup.procs"), `${first}\n4194304\n`);
    await writeFile(all.at("below/cgroup.procs"), `${second}\n`);
    await setOomScore("a/b", 777, all.root.path);
    for (const pid of [first, second]) expect(await readFile(`/proc/${pid}/oom_score_adj`, "utf8")).toBe("777\n");
    for (const child of children) child.kill("SIGKILL");
  });

  it("counts memory that cannot be dropped", async () => {
    const v2 = { "memory.current": "1000\n", "memory.stat": "anon 500\nfile 400\nshmem 100\n" };
    const v1 = { "memory.usage_in_bytes": "1000\n", "memory.stat": "total_cache 400\ntotal_shmem 100\n" };
    await using unified = await fakeCgroup(2, v2);
    await using legacy = await fakeCgroup(1, v1);
    expect(await memoryHeld("a/b", unified.root.path)).toBe(700n);
    expect(await memoryHeld("a/b", legacy.root.path)).toBe(700n);
    expect(await memoryHeld("a/c", legacy.root.path)).toBeUndefined();
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
