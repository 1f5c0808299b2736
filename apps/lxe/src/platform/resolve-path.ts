/** What a path on the host leads to. */

import { realpath, stat } from "node:fs/promises";
import type { ResolvedPath } from "./host-files.ts";

/** Follows symbolic links; undefined where nothing is. */
export async function resolvePath(path: string): Promise<ResolvedPath | undefined> {
  try {
    const real = await realpath(path);
    const info = await stat(real);
    const kind = info.isDirectory()
      ? "directory"
      : info.isFile() || info.isSocket() || info.isFIFO()
        ? "file"
        : info.isCharacterDevice()
          ? "char"
          : info.isBlockDevice()
            ? "block"
            : "other";
    return { path: real, kind };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
