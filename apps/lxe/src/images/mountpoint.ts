/** Where on the host the images' file system is. */
import { dirname, join } from "node:path";
import type { LxdClient, StoragePool } from "@lxe/lxd-client";
import type { HostFiles } from "../platform/host-files.ts";

type Files = Pick<HostFiles, "stat" | "isMountPoint">;

/** LXD's own directories, as seen from the host. */
const LXD_DIRECTORIES = ["/var/snap/lxd/common/lxd", "/var/lib/lxd", "/var/lib/incus"];
const RUNTIME_DIRECTORY = /^(?:\/var)?\/run\/incus$/u;

/** The directory of the LXD or Incus behind a socket; without one, the first well-known one that exists. */
export async function lxdDirectory(socketPath: string | undefined, files: Files): Promise<string> {
  if (socketPath !== undefined) return dirname(socketPath).replace(RUNTIME_DIRECTORY, "/var/lib/incus");
  for (const directory of LXD_DIRECTORIES) if (await isDirectory(directory, files)) return directory;
  return "/var/lib";
}

/**
 * A directory on the pool's file system that everybody on the host can measure. A pool that only LXD has mounted (the snap's), or
 * that is never mounted as a whole, cannot be measured so: then it is the file system of LXD's own directory, where LXD keeps
 * the images' files themselves.
 */
export async function poolMountpoint(
  storage: Pick<LxdClient["storage"], "get">,
  pool: string,
  directory: string,
  files: Files,
): Promise<string> {
  const poolDirectory = join(directory, "storage-pools", pool);
  if (await isMeasurable(await storage.get(pool), poolDirectory, files)) return poolDirectory;
  let parent = directory;
  while (parent !== "/" && !(await isDirectory(parent, files))) parent = dirname(parent);
  return parent;
}

async function isMeasurable(pool: StoragePool, directory: string, files: Files): Promise<boolean> {
  if (!(await isDirectory(directory, files))) return false;
  return pool.driver === "dir" || (await files.isMountPoint(directory));
}

async function isDirectory(path: string, files: Files): Promise<boolean> {
  return (await files.stat(path))?.kind === "directory";
}
