/** What lxe leaves in LXD and on the host. */
import { isLxdError, type LxdClient } from "@lxe/lxd-client";
import { execFile } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { mountsBelow } from "./mounts-below.ts";

const run = promisify(execFile);

/** A line for each thing that should not be there once all pods are removed. */
export async function remainsOfLxe(lxd: LxdClient, stateDir: string, workDir: string): Promise<string[]> {
  const [instances, files, mounts] = await Promise.all([
    ownInstances(lxd),
    stateFiles(stateDir),
    mountsBelow([stateDir, workDir]),
  ]);
  return [
    ...instances.map((name) => `instance ${name}`),
    ...files.map((path) => `file ${path}`),
    ...mounts.map((path) => `mount ${path}`),
  ];
}

/** Deletes lxe's instances, and what is left on the host: one leak fails one scenario. */
export async function clearLxe(lxd: LxdClient, stateDir: string): Promise<void> {
  for (const name of await ownInstances(lxd)) {
    await lxd.instances.setState(name, { action: "stop", force: true }).catch(() => undefined);
    await lxd.instances.delete(name).catch((error: unknown) => {
      if (!isLxdError(error, "not-found")) throw error;
    });
  }
  for (const point of (await mountsBelow([stateDir])).toReversed()) await run("umount", ["-l", point]);
  for (const path of await stateFiles(stateDir)) await rm(path, { recursive: true, force: true });
}

/** Others on the same LXD are nobody's business here. */
async function ownInstances(lxd: LxdClient): Promise<string[]> {
  const instances = await lxd.instances.list();
  return instances.filter(({ config }) => config["user.lxe.id"] !== undefined).map(({ name }) => name);
}

/** Scripts that LXC runs, the same for all containers. */
const HOOKS = "hooks";

async function stateFiles(stateDir: string): Promise<string[]> {
  const groups = await readdir(stateDir, { withFileTypes: true }).catch(() => []);
  const members = await Promise.all(
    groups
      .filter((entry) => entry.isDirectory() && entry.name !== HOOKS)
      .map(async ({ name }) => {
        const names = await readdir(join(stateDir, name));
        return names.map((member) => join(stateDir, name, member));
      }),
  );
  return members.flat();
}
