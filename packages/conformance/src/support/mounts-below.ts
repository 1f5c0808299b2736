/** Mount points of this host below some directories. */
import { readFile } from "node:fs/promises";

export async function mountsBelow(directories: readonly string[]): Promise<string[]> {
  const table = await readFile("/proc/self/mounts", "utf8").catch(() => "");
  const points = table.split("\n").flatMap((line) => line.split(" ")[1] ?? []);
  return points.filter((point) => directories.some((directory) => point.startsWith(`${directory}/`)));
}
