/**
 * All knowledge of cgroup files on the host, for cgroup v1 and v2: parents that LXC's new cgroups can live in, limits of a cgroup that is in
 * use, and the end of processes that outlive a container's first process, in a PID namespace that it shares: the kernel does not end them.
 */

import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hasCode } from "./has-code.ts";

const ROOT = "/sys/fs/cgroup";
/** One hierarchy of v1 is enough: LXC puts a container into all of them. */
const V1_HIERARCHIES = ["pids", "memory", "freezer"];
const ROUNDS_MAX = 10;

/** Kills all that is left in a cgroup (path as LXC takes it). A missing cgroup is an empty one. */
export async function killCgroup(path: string): Promise<void> {
  const init = await readFile("/proc/1/cgroup", "utf8").catch(() => "");
  const directory = (hierarchy: string): string => join(ROOT, hierarchy, baseOf(init, hierarchy), path);
  try {
    await writeFile(join(directory(""), "cgroup.kill"), "1", { flag: "r+" });
    return;
  } catch {
    // cgroup v1, a kernel before 5.14, or gone
  }
  for (const hierarchy of ["", ...V1_HIERARCHIES]) await killProcesses(join(directory(hierarchy), "cgroup.procs"));
}

/**
 * Sees to it that a cgroup can be made below its parents (path as LXC takes it). In v1 a new one has no CPUs unless its parent hands on its own, and no
 * process may enter it then ("No space left on device"). LXC makes only the topmost directory of a path hand them on, which is too late for what is below
 * it already: a kubelet makes all parents of a pod itself. Nothing to do in v2.
 */
export async function openCgroup(path: string, root = ROOT): Promise<void> {
  const init = await readFile("/proc/1/cgroup", "utf8").catch(() => "");
  let directory = join(root, "cpuset", baseOf(init, "cpuset"));
  for (const name of dirname(path).split("/").filter(isName)) {
    const above = directory;
    directory = join(directory, name);
    try {
      for (const file of ["cpuset.cpus", "cpuset.mems"]) await inherit(join(above, file), join(directory, file));
      await writeFile(join(directory, "cgroup.clone_children"), "1", { flag: "r+" });
    } catch {
      return; // v2, or LXC makes it and all below
    }
  }
}

/** A file such as `cpu.max`, or `cpu.shares` of v1, and what it is to hold. */
export interface CgroupSetting {
  readonly file: string;
  readonly value: string;
}

interface CgroupFiles {
  readonly isUnified: boolean;
  /** Where the cgroup's file is. */
  readonly at: (file: string) => string;
}

async function cgroupFiles(path: string, root: string): Promise<CgroupFiles> {
  const init = await readFile("/proc/1/cgroup", "utf8").catch(() => "");
  const isUnified = await isThere(join(root, "cgroup.controllers"));
  const at = (file: string): string => {
    const [controller = ""] = file.split(".");
    const hierarchy = isUnified ? "" : controller;
    return join(root, hierarchy, baseOf(init, hierarchy), path, file);
  };
  return { isUnified, at };
}

/**
 * In this order; all, or none, and nothing where all is in force: on the way there a quota is lifted for a moment. A cgroup that is gone needs
 * nothing. @throws an error that names what the kernel refused.
 */
export async function setCgroup(path: string, settings: readonly CgroupSetting[], root = ROOT): Promise<void> {
  const { at } = await cgroupFiles(path, root);
  if (await areInForce(settings, at)) return;
  const former: { readonly target: string; readonly content: string }[] = [];
  for (const { file, value } of settings) {
    const target = at(file);
    try {
      former.push({ target, content: await readFile(target, "utf8") });
      await writeFile(target, value, { flag: "r+" });
    } catch (cause) {
      if (hasCode(cause, "ENOENT", "ENODEV") && !(await isThere(dirname(target)))) return;
      for (const { target: changed, content } of former.toReversed())
        await writeFile(changed, content, { flag: "r+" }).catch(() => undefined);
      throw new Error(`the kernel refuses ${file} = ${value}: ${(cause as NodeJS.ErrnoException).code}`, { cause });
    }
  }
}

/** By the last value of each file. The kernel may show one in another form, as a rounded limit: it counts as another. */
async function areInForce(settings: readonly CgroupSetting[], at: (file: string) => string): Promise<boolean> {
  for (const [file, value] of new Map(settings.map((setting) => [setting.file, setting.value]))) {
    const shown = await readFile(at(file), "utf8").catch(() => undefined);
    if (shown?.trim() !== value) return false;
  }
  return true;
}

/** Memory in the cgroup that the kernel cannot take back by dropping caches; undefined where there is no such cgroup. */
export async function memoryHeld(path: string, root = ROOT): Promise<bigint | undefined> {
  const { isUnified, at } = await cgroupFiles(path, root);
  try {
    const held = await readFile(at(isUnified ? "memory.current" : "memory.usage_in_bytes"), "utf8");
    const statistics = await readFile(at("memory.stat"), "utf8");
    const entry = (name: string): bigint => BigInt(new RegExp(`^${name} (\\d+)$`, "m").exec(statistics)?.[1] ?? 0);
    // of shared memory there is no other copy
    const droppable = isUnified ? entry("file") - entry("shmem") : entry("total_cache") - entry("total_shmem");
    return BigInt(held.trim()) - droppable;
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENODEV")) return undefined;
    throw error;
  }
}

/** Of all processes in the cgroup and below it; those that they start later inherit it. */
export async function setOomScore(path: string, score: number, root = ROOT): Promise<void> {
  const memory = dirname((await cgroupFiles(path, root)).at("memory.stat"));
  const known = new Set<number>();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const fresh = (await pidsBelow(memory)).filter((pid) => !known.has(pid));
    if (fresh.length === 0) return;
    for (const pid of fresh) {
      known.add(pid);
      try {
        await writeFile(`/proc/${pid}/oom_score_adj`, String(score), { flag: "r+" });
      } catch (cause) {
        if (hasCode(cause, "ENOENT", "ESRCH")) continue; // it has ended
        throw new Error(`the kernel refuses oom_score_adj ${score}: ${(cause as NodeJS.ErrnoException).code}`, {
          cause,
        });
      }
    }
  }
}

/** An init makes cgroups of its own for its services. */
async function pidsBelow(directory: string): Promise<number[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const below = entries.filter((entry) => entry.isDirectory()).map(({ name }) => pidsBelow(join(directory, name)));
  return [...(await pidsIn(join(directory, "cgroup.procs"))), ...(await Promise.all(below)).flat()];
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const isName = (part: string): boolean => part !== "" && part !== ".";

async function inherit(from: string, to: string): Promise<void> {
  if ((await readFile(to, "utf8")).trim() === "") await writeFile(to, await readFile(from, "utf8"), { flag: "r+" });
}

/**
 * Where LXC's paths begin in a hierarchy (a controller of v1, or empty for v2): in the cgroup of the first process, which in a node
 * that is a container itself may not be the root. `init`: content of its /proc/1/cgroup.
 */
export function baseOf(init: string, hierarchy: string): string {
  for (const line of init.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path !== undefined && controllers?.split(",").includes(hierarchy)) return path.replace(/\/init\.scope$/, "");
  }
  return "";
}

/** A process of another PID namespace is shown as 0, which kill(2) takes for all of our own process group. */
async function pidsIn(file: string): Promise<number[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0);
}

/** Again until a round finds nothing: a process may fork while others are being killed. */
async function killProcesses(file: string): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const pids = await pidsIn(file);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // gone already
      }
    }
  }
}
