/** What was tried, for the head of the report. */
import { execFile } from "node:child_process";
import { release } from "node:os";
import { promisify } from "node:util";
import { WORKSPACE_ROOT } from "../support/paths.ts";

const run = promisify(execFile);

/** Also in a tree without git. */
export async function subjectOf(): Promise<string> {
  const commit = await git("log", "-1", "--format=%h %s");
  const changed = (await git("status", "--porcelain", "--untracked-files=no")) === "" ? "" : ", with changes";
  return `${commit === "" ? "no commit" : commit}${changed}; Linux ${release()}, ${process.arch}, Node ${process.version}`;
}

/** Empty where it fails. */
async function git(...args: string[]): Promise<string> {
  const { stdout } = await run("git", ["-C", WORKSPACE_ROOT, ...args]).catch(() => ({ stdout: "" }));
  return stdout.trim();
}
