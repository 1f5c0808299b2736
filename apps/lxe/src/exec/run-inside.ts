/** LXD's exec of a program of ours that lies in an instance's `/.lxe`. Owns the request, not the file. */

import type { Operation } from "@lxe/lxd-client";
import type { Context } from "../context.ts";
import { INSIDE } from "../init/inside.ts";

/** Our programs have their own. Without a path LXD looks into the container, before each command, whether it has snaps. */
const UNUSED_ENVIRONMENT = { PATH: "/" };

/** Resolves with LXD's operation when the program has ended, however that was. */
export async function runInside(
  lxd: Context["lxd"],
  instance: string,
  name: string,
  ids: { readonly user: number; readonly group: number },
): Promise<Operation> {
  const started = await lxd.operations.start({
    method: "POST",
    path: `/1.0/instances/${encodeURIComponent(instance)}/exec`,
    body: {
      command: [`${INSIDE}/${name}`],
      ...ids,
      environment: UNUSED_ENVIRONMENT,
      "wait-for-websocket": false,
      interactive: false,
    },
  });
  return await started.waitEnd();
}
