/** Whether anything of lxe is left once all pods are removed. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArmInstance } from "../arms/arm.ts";

/** A line for each thing that should not be there. */
export async function leftovers(arm: ArmInstance): Promise<string[]> {
  const [pods, containers, instances, files, mounts] = await Promise.all([
    arm.cri.listPodSandbox({}),
    arm.cri.listContainers({}),
    ownInstances(arm),
    stateFiles(arm.stateDir),
    mountsBelow([arm.stateDir, arm.workDir]),
  ]);
  return [
    ...pods.items.map(({ id }) => `pod ${id}`),
    ...containers.containers.map(({ id }) => `container ${id}`),
    ...instances.map((name) => `instance ${name}`),
    ...files.map((path) => `file ${path}`),
    ...mounts.map((path) => `mount ${path}`),
  ];
}

/** Instances that lxe made; others on the same LXD are nobody's business here. */
async function ownInstances({ lxdClient }: ArmInstance): Promise<string[]> {
  const instances = await lxdClient.instances.list();
  return instances.filter(({ config }) => config["user.lxe.id"] !== undefined).map(({ name }) => name);
}

async function stateFiles(stateDir: string): Promise<string[]> {
  const groups = await readdir(stateDir, { withFileTypes: true }).catch(() => []);
  const members = await Promise.all(
    groups
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => {
        const names = await readdir(join(stateDir, name));
        return names.map((member) => join(stateDir, name, member));
      }),
  );
  return members.flat();
}

async function mountsBelow(directories: readonly string[]): Promise<string[]> {
  const table = await readFile("/proc/self/mounts", "utf8").catch(() => "");
  const points = table.split("\n").flatMap((line) => line.split(" ")[1] ?? []);
  return points.filter((point) => directories.some((directory) => point.startsWith(`${directory}/`)));
}
