/** Finding programs in PATH. */
import { Errno } from "../core/errno.ts";
import type { Process } from "../core/process.ts";
import { access, stat } from "../sys/files.ts";
import { X_OK } from "../vfs/credentials.ts";
import { S_IFMT, S_IFREG } from "../vfs/types.ts";

/** The path of an executable file; throws EACCES when there are only others, ENOENT when there is nothing. */
export function findProgram(process: Process, name: string, path: string): string {
  if (name.includes("/")) return name;
  let failure: Errno = new Errno("ENOENT");
  for (const directory of path.split(":")) {
    const candidate = directory === "" ? name : `${directory}/${name}`;
    try {
      const isFile = (stat(process, candidate).mode & S_IFMT) === S_IFREG;
      if (!isFile) throw new Errno("EACCES");
      access(process, candidate, X_OK);
      return candidate;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      if (error.code === "EACCES") failure = error;
    }
  }
  throw failure;
}
