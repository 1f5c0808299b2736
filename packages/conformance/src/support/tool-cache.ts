/** Tools that take long to make: made once for each version of what they are made from, then kept. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

const HASH_DIGITS = 12;

/**
 * The path of something that was made from these files of the directory; `make` is called where it is not there yet, with a path
 * beside it.
 */
export async function cached(
  name: string,
  directory: string,
  madeFrom: readonly string[],
  make: (path: string) => Promise<void>,
): Promise<string> {
  const hash = createHash("sha256");
  for (const file of madeFrom) hash.update(await readFile(join(directory, file)));
  const path = join(cacheDirectory(), `${name}-${hash.digest("hex").slice(0, HASH_DIGITS)}`);
  if (existsSync(path)) return path;
  await mkdir(cacheDirectory(), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await make(unfinished);
  await rename(unfinished, path);
  return path;
}

function cacheDirectory(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "lxe");
}
