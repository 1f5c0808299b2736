/**
 * Ends containers: the stop signal once, then SIGKILL when the most impatient caller's time is up. A caller that goes away
 * changes nothing: the kill comes all the same.
 */

import type { LxdClient } from "@lxe/lxd-client";
import { type ContainerRecord, hasEnded } from "../model/records.ts";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";
import type { Index } from "../store/index.ts";
import type { Reconciler } from "./reconciler.ts";
import { endInstance } from "../stop-instance.ts";

export interface StopperOptions {
  readonly lxd: LxdClient;
  readonly index: Index;
  readonly reconciler: Reconciler;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Stop {
  signalled: boolean;
  forced: Promise<void> | undefined;
}

const LXD_PATIENCE_EXTRA_S = 60;

export class Stopper {
  readonly #options: StopperOptions;
  readonly #stops = new Map<string, Stop>();

  constructor(options: StopperOptions) {
    this.#options = options;
  }

  /** Resolves when the container is EXITED (or gone). `graceMs` 0 kills at once. Rejects if it cannot be killed. */
  async stop(container: ContainerRecord, graceMs: number): Promise<void> {
    const { index } = this.#options;
    const { id } = container;
    if (hasEnded(index.findContainer(id) ?? container)) return;
    const stop = this.#stops.get(id) ?? { signalled: false, forced: undefined };
    this.#stops.set(id, stop);
    try {
      if (graceMs > 0) {
        this.#signal(container, stop, graceMs);
        if (await this.#endsWithin(id, graceMs)) return;
      }
      stop.forced ??= this.#force(container).finally(() => {
        stop.forced = undefined;
      });
      await stop.forced;
      await index.waitForContainer(id, hasEnded);
    } finally {
      const current = index.findContainer(id);
      if (!current || hasEnded(current)) this.#stops.delete(id);
    }
  }

  #signal({ instance }: ContainerRecord, stop: Stop, graceMs: number): void {
    if (stop.signalled) return;
    stop.signalled = true;
    const { lxd, log } = this.#options;
    // longer than ours: LXD fails a forced stop that comes just as its own patience ends
    const timeout = Math.ceil(graceMs / 1000) + LXD_PATIENCE_EXTRA_S;
    lxd.instances.setState(instance, { action: "stop", force: false, timeout }).catch((error: unknown) => {
      // the caller counts the time, and forces the stop
      log.debug({ err: error, container: instance }, "the graceful stop ended");
    });
  }

  async #endsWithin(id: string, graceMs: number): Promise<boolean> {
    const { index, clock } = this.#options;
    const patience = new AbortController();
    const timer = clock.setTimeout(() => patience.abort(), graceMs);
    try {
      await index.waitForContainer(id, hasEnded, patience.signal);
      return true;
    } catch (error) {
      if (patience.signal.aborted) return false;
      throw error;
    } finally {
      timer.cancel();
    }
  }

  async #force({ instance }: ContainerRecord): Promise<void> {
    const { lxd, reconciler } = this.#options;
    await endInstance(lxd, instance);
    await reconciler.read(instance);
  }
}
