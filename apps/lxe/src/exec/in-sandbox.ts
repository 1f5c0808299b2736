/** Programs of ours that serve a pod from its sandbox's instance, in the background. Owns starting them. */

import { join } from "node:path";
import { UnknownError } from "@lxe/cri";
import type { Context } from "../context.ts";
import { runInside } from "./run-inside.ts";

const PROGRAM_MODE = 0o755;
const ROOT = { user: 0, group: 0 };
/** LXD's exit code for a program that is not there. */
const NOT_FOUND = 127;

/**
 * Resolves when the program has gone to the background. Its file, in the sandbox's `/.lxe`, is the caller's to remove.
 * @throws UnknownError when it could not be started.
 */
export async function runInSandbox(
  { lxd, files, paths }: Pick<Context, "lxd" | "files" | "paths">,
  instance: string,
  { name, program }: { readonly name: string; readonly program: Buffer },
): Promise<void> {
  await files.writeFile(join(paths.pod(instance).inside, name), program, { mode: PROGRAM_MODE });
  const { err, metadata } = await runInside(lxd, instance, name, ROOT);
  const code = metadata?.["return"];
  if (err === "" && code === 0) return;
  // an older lxe's sandbox has no /.lxe
  const why = code === NOT_FOUND ? "this sandbox was made without it" : err || `it ended with ${String(code)}`;
  throw new UnknownError(`the pod's ${name} could not be started: ${why}`);
}
