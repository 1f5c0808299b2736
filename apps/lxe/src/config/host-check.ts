/** The second phase of validation: does the config fit this host? Changes nothing. */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Config } from "./config.ts";

/** The longest path that fits into a unix socket's address, with its NUL. */
const SOCKET_PATH_BYTES_MAX = 107;

async function kindOf(path: string): Promise<"file" | "directory" | "other" | "missing"> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return "directory";
    return stats.isFile() ? "file" : "other";
  } catch {
    return "missing";
  }
}

/** The nearest of the path's parents that exists. */
async function existingParent(path: string): Promise<string> {
  const parent = dirname(path);
  return (await kindOf(parent)) === "missing" && parent !== path ? await existingParent(parent) : parent;
}

async function canWrite(path: string): Promise<boolean> {
  return await access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function checkDirectory(key: string, path: string): Promise<string[]> {
  const kind = await kindOf(path);
  if (kind !== "missing" && kind !== "directory") return [`${key}: ${path} is not a directory`];
  const written = kind === "missing" ? await existingParent(path) : path;
  if ((await kindOf(written)) !== "directory") return [`${key}: ${written} is not a directory`];
  return (await canWrite(written)) ? [] : [`${key}: ${written} cannot be written by this user`];
}

async function checkSocket(path: string): Promise<string[]> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    return [`socket: ${path} is longer than the ${SOCKET_PATH_BYTES_MAX} bytes of a unix socket's path`];
  }
  return await checkDirectory("socket", dirname(path));
}

async function checkRemoteConfig(path: string | undefined): Promise<string[]> {
  if (path === undefined || (await kindOf(path)) === "file") return [];
  return [`lxd-remote-config: ${path} is not a file`];
}

/**
 * A sentence for each thing that does not fit; none: all is well. LXD itself is not looked at: lxe starts without it
 * and waits.
 */
export async function checkOnHost(config: Config): Promise<string[]> {
  const problems = await Promise.all([
    checkSocket(config.socket),
    checkDirectory("state-dir", config.stateDir),
    checkRemoteConfig(config.lxdRemoteConfig),
  ]);
  return problems.flat();
}
