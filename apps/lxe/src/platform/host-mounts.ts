/**
 * Bind mounts of lxe's on the host. Some stand in, for a moment, for paths that a container's root cannot reach: LXC resolves
 * the sources of idmapped mounts as that root, and the kubelet's directories are closed to others. Owns no path names.
 */

import { mkdir, readdir, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hasCode } from "./has-code.ts";
import { isMountPoint } from "./mounts.ts";
import { runCommand } from "./run-command.ts";

const SEARCH_BY_OTHERS = 0o001;

export interface HostMounts {
  /** Whether anybody may reach the path: every directory above it can be searched by others. */
  isReachable(path: string): Promise<boolean>;
  /** Mounts `source` and what is mounted below it at `target`, which is made. Already mounted there is fine. */
  bind(source: string, target: string): Promise<void>;
  /**
   * Unmounts everything directly in `directory` and removes it. Never removes a file tree: what cannot be unmounted stays,
   * since behind it lies somebody's data.
   */
  release(directory: string): Promise<void>;
  /** The same for one mount point. One that is not there, or goes meanwhile, is fine. */
  unmount(target: string): Promise<void>;
}

export function createSystemHostMounts(): HostMounts {
  return { isReachable, bind, release, unmount };
}

async function isReachable(path: string): Promise<boolean> {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if (((await stat(directory)).mode & SEARCH_BY_OTHERS) === 0) return false;
    if (directory === "/") return true;
  }
}

async function bind(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o711 });
  if ((await stat(source)).isDirectory()) await mkdir(target, { recursive: true });
  else await writeFile(target, "", { flag: "a" });
  if (!(await isMountPoint(target))) await runCommand("mount", ["--rbind", source, target]);
}

async function release(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!names) return;
  for (const name of names) await unmount(join(directory, name));
  await rmdir(directory);
}

async function unmount(target: string): Promise<void> {
  try {
    await stat(target);
    while (await isMountPoint(target)) await unmountOnce(target);
    await removeEmpty(target);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

async function unmountOnce(target: string): Promise<void> {
  try {
    // not recursive: submounts were bound with it, and go with it
    await runCommand("umount", ["--lazy", target]);
  } catch (error) {
    if (await isMountPoint(target)) throw error;
  }
}

/** A mount point of ours is an empty directory or an empty file; anything else is not touched. */
async function removeEmpty(target: string): Promise<void> {
  const info = await stat(target);
  if (info.isDirectory()) await rmdir(target);
  else if (info.size === 0) await unlink(target);
}
