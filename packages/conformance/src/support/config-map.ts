/** Volumes as the kubelet writes ConfigMaps, Secrets and projected tokens: replaced as a whole, never half new. */
import { randomBytes } from "node:crypto";
import { mkdir, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Makes the existing directory hold these files, by name. The names are links through `..data`, a link to a directory of
 * this version that is put in place at one moment.
 */
export async function writeConfigMap(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  const current = join(directory, "..data");
  const previous = await readlink(current).catch(() => undefined);
  const version = `..${randomBytes(4).toString("hex")}`;
  await mkdir(join(directory, version));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, version, name), content);
  await symlink(version, join(directory, "..data_tmp"));
  await rename(join(directory, "..data_tmp"), current);
  for (const name of Object.keys(files)) await linkOnce(join("..data", name), join(directory, name));
  if (previous !== undefined) await rm(join(directory, previous), { recursive: true });
}

async function linkOnce(target: string, path: string): Promise<void> {
  await symlink(target, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}
