/** Mount points of the host, by mount(8) and umount(8): Node has no such calls. */
import { readFile, realpath } from "node:fs/promises";
import type { TmpfsOptions } from "./host-files.ts";
import { runCommand } from "./run-command.ts";

const MOUNT_POINT_FIELD = 4;

function unescapeMountPath(escaped: string): string {
  return escaped.replaceAll(/\\([0-7]{3})/gu, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Paths of all mount points in the text of /proc/self/mountinfo. The kernel escapes blanks and backslashes in octal. */
export function parseMountPoints(mountInfo: string): Set<string> {
  const points = new Set<string>();
  for (const line of mountInfo.split("\n")) {
    const escaped = line.split(" ")[MOUNT_POINT_FIELD];
    if (escaped !== undefined) points.add(unescapeMountPath(escaped));
  }
  return points;
}

export async function isMountPoint(path: string): Promise<boolean> {
  const points = parseMountPoints(await readFile("/proc/self/mountinfo", "latin1"));
  const resolved = await realpath(path).catch(() => path);
  // latin1 on both sides: a path is bytes.
  return points.has(Buffer.from(resolved).toString("latin1"));
}

export async function mountTmpfs(path: string, options: TmpfsOptions): Promise<boolean> {
  if (process.geteuid?.() !== 0) return false;
  const flags = `size=${options.sizeBytes},mode=${options.mode.toString(8)},nosuid,nodev,noexec`;
  await runCommand("mount", ["-t", "tmpfs", "-o", flags, "tmpfs", path]);
  return true;
}

export async function unmount(path: string): Promise<void> {
  if (await isMountPoint(path)) await runCommand("umount", [path]);
}
