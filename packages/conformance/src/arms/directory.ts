/** Directories of arms: short names below /tmp, and no trace of runs that were killed. */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "../support/eventually.ts";
import { isAlive, processesWith } from "../support/processes.ts";

const run = promisify(execFile);

/** Names of sockets go below it, so it is short. */
const PREFIX = "lx-";
const PARENT = "/tmp";
const OWNER = "owner";

/** A new directory that belongs to this process. What processes that are gone have left is cleared first. */
export async function makeArmDirectory(): Promise<string> {
  await clearAbandoned();
  const directory = await mkdtemp(join(PARENT, PREFIX));
  // containers see files below it as users of their own
  await chmod(directory, 0o711);
  await writeFile(join(directory, OWNER), String(process.pid));
  return directory;
}

async function clearAbandoned(): Promise<void> {
  const names = (await readdir(PARENT)).filter((name) => name.startsWith(PREFIX));
  for (const directory of names.map((name) => join(PARENT, name))) {
    const owner = Number(await readFile(join(directory, OWNER), "utf8").catch(() => "0"));
    if (owner > 0 && !isAlive(owner)) await clear(directory);
  }
}

async function clear(directory: string): Promise<void> {
  const orphans = (): Promise<number[]> => processesWith("lxe.js", `${directory}/`);
  for (const pid of await orphans()) process.kill(pid, "SIGKILL");
  await eventually("orphans are gone", orphans, ({ length }) => length === 0);
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").flatMap((line) => line.split(" ")[1] ?? []);
  for (const point of mounts.filter((point) => point.startsWith(`${directory}/`))) await run("umount", ["-l", point]);
  await rm(directory, { recursive: true, force: true });
}
