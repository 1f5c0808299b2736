/** One conflicting action per instance at a time, as LXD's operation locks: who comes second is refused, not queued. */
import { failure } from "./errors.ts";

export type LockedAction = "create" | "start" | "stop" | "restart" | "update" | "delete";

export interface InstanceLock extends Disposable {
  readonly action: LockedAction;
}

export class Locks {
  readonly #held = new Map<string, InstanceLock>();

  /** Throws `Instance is busy running a "..." operation`. */
  acquire(key: string, action: LockedAction): InstanceLock {
    const holder = this.#held.get(key);
    if (holder !== undefined) throw failure(`Instance is busy running a "${holder.action}" operation`);
    const lock: InstanceLock = {
      action,
      [Symbol.dispose]: () => {
        if (this.#held.get(key) === lock) this.#held.delete(key);
      },
    };
    this.#held.set(key, lock);
    return lock;
  }

  holder(key: string): LockedAction | undefined {
    return this.#held.get(key)?.action;
  }
}
