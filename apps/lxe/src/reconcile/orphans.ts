/**
 * What is left when LXD fails in the middle of a rollback or of a removal, or does late what was given up: files on the host, and the
 * input held open, of an instance that LXD does not have any more; sandboxes and containers whose making has failed, which no list shows.
 * Owns when that is looked at again; what a killed lxe left is `recover.ts`'s.
 */

import { isLxdError } from "@lxe/lxd-client";
import type { Context } from "../context.ts";
import { letGo } from "../platform/hold-pipe.ts";
import { removePodFiles } from "../pod-files.ts";
import { forceStop } from "../stop-instance.ts";
import { sandboxLockOf } from "../rpc/sandbox-lock.ts";
import type { InstanceRecord, SandboxRecord } from "../model/records.ts";

type OrphansContext = Pick<
  Context,
  "lxd" | "files" | "mounts" | "paths" | "index" | "reconciler" | "podLock" | "clock" | "log"
>;

const RETRY_MS = 5000;

export class Orphans {
  readonly #context: OrphansContext;

  constructor(context: OrphansContext) {
    this.#context = context;
  }

  /** Ends and deletes an instance that nobody was told of. Already gone is fine. The caller has the pod's lock. */
  async removeUntold(instance: string): Promise<void> {
    const { lxd, reconciler, index } = this.#context;
    // containers that nobody was told of were never started
    if (index.byInstance(instance)?.kind !== "container") {
      // a failure shows when the instance is deleted
      await forceStop(lxd, instance).catch(() => undefined);
    }
    await lxd.instances.delete(instance).catch((error: unknown) => {
      if (!isLxdError(error, "not-found")) throw error;
    });
    await reconciler.read(instance);
  }

  /** The instance is gone from LXD; who makes another one of that name has the lock until the index shows it. */
  onGone(record: InstanceRecord): void {
    const lock = record.kind === "sandbox" ? record.instance : sandboxLockOf(this.#context, record);
    this.#removeSoon(record.instance, lock, () => Promise.resolve());
  }

  /** A RunPodSandbox that goes on sees to its sandbox itself. */
  onUnstarted({ instance }: SandboxRecord): void {
    if (!this.#context.podLock.isHeld(instance)) this.check(instance, instance);
  }

  /** Removes what is left of the instance, if LXD has no whole one; `lock` is that of its pod. Returns at once, and does not give up. */
  check(instance: string, lock: string): void {
    this.#removeSoon(instance, lock, () => this.#context.reconciler.read(instance));
  }

  /** `read`: has the index show the instance as LXD has it now. */
  #removeSoon(instance: string, lock: string, read: () => Promise<void>): void {
    const { clock, log } = this.#context;
    this.#remove(instance, lock, read).catch((error: unknown) => {
      log.debug({ err: error, instance }, "what is left of an instance cannot be removed yet; trying again");
      clock.setTimeout(() => this.check(instance, lock), RETRY_MS);
    });
  }

  #remove(instance: string, lock: string, read: () => Promise<void>): Promise<void> {
    const { files, mounts, paths, index, podLock } = this.#context;
    return podLock.run(lock, async () => {
      await read();
      const record = index.byInstance(instance);
      // whoever makes one has the lock: what is withheld here is what a call that failed has left
      const isUntold = (record?.kind === "sandbox" && record.starting) || index.isWithheld(instance);
      if (record && isUntold) {
        // LXD would delete one that it cannot look into
        if (record.uncertain) throw new Error("LXD cannot tell its state");
        await this.removeUntold(instance);
      }
      if (index.byInstance(instance)) return;
      index.release(instance);
      const { directory, logState, rootfs, stdinHold } = paths.container(instance);
      await mounts.unmount(rootfs);
      if (await files.stat(stdinHold)) await letGo(stdinHold);
      await files.removeTree(directory);
      await files.removeTree(logState);
      await removePodFiles(this.#context, instance);
    });
  }
}
