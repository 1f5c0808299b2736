/** Programs of ours that serve a pod from its sandbox's instance, in the background. Owns starting them. */

import { join } from "node:path";
import { UnknownError } from "@lxe/cri";
import type { Context } from "../context.ts";
import { INSIDE } from "../init/inside.ts";

const PROGRAM_MODE = 0o755;
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
  const started = await lxd.operations.start({
    method: "POST",
    path: `/1.0/instances/${encodeURIComponent(instance)}/exec`,
    body: {
      command: [`${INSIDE}/${name}`],
      user: 0,
      group: 0,
      "wait-for-websocket": false,
      interactive: false,
    },
  });
  const { err, metadata } = await started.waitEnd();
  const code = metadata?.["return"];
  if (err === "" && code === 0) return;
  // an older lxe's sandbox has no /.lxe
  const why = code === NOT_FOUND ? "this sandbox was made without it" : err || `it ended with ${String(code)}`;
  throw new UnknownError(`the pod's ${name} could not be started: ${why}`);
}
