import { EventBus } from "./events.ts";
import { Locks } from "./locks.ts";
import { Operations } from "./operations.ts";
import type { World } from "./world.ts";
export declare class Daemon {
    #private;
    readonly world: World;
    readonly events: EventBus;
    readonly operations: Operations;
    readonly locks: Locks;
    constructor(world: World);
    get alive(): boolean;
    /** The promise's result; never settles when the daemon has died meanwhile. */
    guard<T>(promise: Promise<T>): Promise<T>;
    sleep(delayMs: number): Promise<void>;
    /** Runs when the daemon dies; disposing forgets it. */
    onDeath(hook: () => void): Disposable;
    die(): void;
}
