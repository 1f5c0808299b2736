/** The key under which changes of a container's pod are serialised: its pause instance, known also when the sandbox is gone. */

import type { Context } from "../context.ts";
import type { ContainerRecord } from "../model/records.ts";

export function sandboxLockOf({ index }: Pick<Context, "index">, container: ContainerRecord): string {
  return index.findSandbox(container.sandboxId)?.instance ?? container.sandboxId;
}
