/**
 * One life of the daemon process: what a crash destroys. Work that is under way when it dies simply never goes on, as if
 * its process were gone.
 */
import { sleep } from "../platform/sleep.ts";
import { EventBus } from "./events.ts";
import { Locks } from "./locks.ts";
import { Operations } from "./operations.ts";
import type { World } from "./world.ts";

export class Daemon {
  readonly world: World;
  readonly events: EventBus;
  readonly operations: Operations;
  readonly locks = new Locks();
  #alive = true;
  readonly #deathHooks = new Set<() => void>();

  constructor(world: World) {
    this.world = world;
    this.events = new EventBus(world.clock, world.rules);
    this.operations = new Operations(world.clock, world.random, this.events);
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** The promise's result; never settles when the daemon has died meanwhile. */
  guard<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.#alive && resolve(value),
        (error: unknown) => this.#alive && reject(error instanceof Error ? error : new Error(String(error))),
      );
    });
  }

  sleep(delayMs: number): Promise<void> {
    return this.guard(sleep(this.world.clock, delayMs));
  }

  /** Runs when the daemon dies; disposing forgets it. */
  onDeath(hook: () => void): Disposable {
    this.#deathHooks.add(hook);
    return { [Symbol.dispose]: () => void this.#deathHooks.delete(hook) };
  }

  die(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const hook of this.#deathHooks) hook();
    this.#deathHooks.clear();
  }
}
