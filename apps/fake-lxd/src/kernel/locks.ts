/** One conflicting action per instance at a time, as LXD's operation locks: who comes second is refused, not queued. */
import { failure } from "./errors.ts";

export type LockedAction = "create" | "start" | "stop" | "restart" | "update" | "delete";

export interface InstanceLock extends Disposable {
  readonly action: LockedAction;
}

class HeldLock implements InstanceLock {
  readonly action: LockedAction;
  readonly #held: Map<string, InstanceLock>;
  readonly #key: string;

  constructor(held: Map<string, InstanceLock>, key: string, action: LockedAction) {
    this.action = action;
    this.#held = held;
    this.#key = key;
  }

  [Symbol.dispose](): void {
    if (this.#held.get(this.#key) === this) this.#held.delete(this.#key);
  }
}

export class Locks {
  readonly #held = new Map<string, InstanceLock>();

  /** Throws `Instance is busy running a "..." operation`. */
  acquire(key: string, action: LockedAction): InstanceLock {
    const holder = this.#held.get(key);
    if (holder !== undefined) throw failure(`Instance is busy running a "${holder.action}" operation`);
    const lock = new HeldLock(this.#held, key, action);
    this.#held.set(key, lock);
    return lock;
  }

  holder(key: string): LockedAction | undefined {
    return this.#held.get(key)?.action;
  }
}
