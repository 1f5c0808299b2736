/** Finding programs in PATH. */
import { Errno } from "../core/errno.ts";
import type { Process } from "../core/process.ts";
import { permitted, X_OK } from "../vfs/credentials.ts";
import { S_IFMT, S_IFREG } from "../vfs/types.ts";
import { attemptWalk, rightsOf } from "../vfs/walk.ts";

/** The path of an executable file; throws EACCES when there are only others, ENOENT when there is nothing. */
export function findProgram(process: Process, name: string, path: string): string {
  if (name.includes("/")) return name;
  process.alive();
  let isForbidden = false;
  for (const directory of path.split(":")) {
    const candidate = directory === "" ? name : `${directory}/${name}`;
    const found = look(process, candidate);
    if (found === "executable") return candidate;
    if (found === "forbidden") isForbidden = true;
  }
  throw new Errno(isForbidden ? "EACCES" : "ENOENT");
}

function look(process: Process, path: string): "executable" | "forbidden" | "missing" {
  try {
    const walked = attemptWalk(process, path);
    if (typeof walked === "string") return "missing";
    const { found, opened, directoryWanted } = walked;
    const rights = opened ? opened.stat() : found && rightsOf(found, process);
    if (!rights) return "missing";
    const isFile = (rights.mode & S_IFMT) === S_IFREG;
    if (directoryWanted && isFile) return "missing";
    return isFile && (opened || permitted(process.credentials, rights, X_OK)) ? "executable" : "forbidden";
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    return error.code === "EACCES" ? "forbidden" : "missing";
  }
}
