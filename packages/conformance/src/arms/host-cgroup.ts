/** A process's cgroup files on this host, whichever cgroup version it has. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CgroupFile } from "./arm.ts";

const ROOT = "/sys/fs/cgroup";

export async function readHostCgroup(pid: number, { v1, v2 }: CgroupFile): Promise<string> {
  const memberships = (await readFile(`/proc/${pid}/cgroup`, "utf8"))
    .trim()
    .split("\n")
    .map((line) => line.split(":"));
  const [controller = ""] = v1.split(".");
  const legacy = memberships.find(([, controllers = ""]) => controllers.split(",").includes(controller));
  if (legacy) return (await readFile(join(ROOT, controller, legacy[2] ?? "", v1), "utf8")).trim();
  const unified = memberships.find(([hierarchy]) => hierarchy === "0");
  return (await readFile(join(ROOT, unified?.[2] ?? "", v2), "utf8")).trim();
}
