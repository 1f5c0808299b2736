/** Builds lxe as it ships, into a directory of its own: start time and memory are those of the bundle. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { WORKSPACE_ROOT } from "../support/paths.ts";

/** The path of the program. */
export async function buildLxe(directory: string): Promise<string> {
  const script = join(WORKSPACE_ROOT, "scripts/build.mjs");
  await promisify(execFile)(process.execPath, [script, "lxe", directory], { cwd: join(WORKSPACE_ROOT, "apps/lxe") });
  return join(directory, "lxe.js");
}
