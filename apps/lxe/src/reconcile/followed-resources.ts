/**
 * Sees to it that the cgroup of a running container has the resources that LXD has kept, where they are other ones than lxe knew: a lxe that
 * was killed may have changed them in LXD alone, or LXD has come round to a change whose answer was lost. Tries for as long as it takes.
 */

import { setCgroup } from "../container-cgroup.ts";
import type { Context } from "../context.ts";
import { type ContainerRecord, isRunning, resourcesOf } from "../model/records.ts";
import { sandboxLockOf } from "../rpc/sandbox-lock.ts";

type FollowContext = Pick<Context, "index" | "config" | "kernel" | "node" | "podLock" | "clock" | "log">;

const RETRY_MS = 10_000;

export class FollowedResources {
  readonly #context: () => FollowContext;
  /** Ids of containers that will be tried again in a moment. */
  readonly #waiting = new Set<string>();

  constructor(context: () => FollowContext) {
    this.#context = context;
  }

  /** Returns at once. */
  follow(container: ContainerRecord): void {
    const { id, instance } = container;
    this.#follow(container).catch((error: unknown) => {
      const { clock, index, log } = this.#context();
      log.warn({ err: error, container: instance }, "a container does not have its resources yet; trying again");
      if (this.#waiting.has(id)) return;
      this.#waiting.add(id);
      clock.setTimeout(() => {
        this.#waiting.delete(id);
        const current = index.findContainer(id);
        if (current) this.follow(current);
      }, RETRY_MS);
    });
  }

  async #follow(container: ContainerRecord): Promise<void> {
    const context = this.#context();
    await context.podLock.run(sandboxLockOf(context, container), async () => {
      const current = context.index.findContainer(container.id);
      if (current && isRunning(current)) await setCgroup(context, current, resourcesOf(current));
    });
  }
}
