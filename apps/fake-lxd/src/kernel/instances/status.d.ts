import type { InstanceRecord } from "../records.ts";
import { type StatusCode } from "../status.ts";
import type { World } from "../world.ts";
/** What LXC says of the container; Error while a fault rule keeps its monitor from answering. */
export declare function statusCode(world: World, instance: InstanceRecord): StatusCode;
export declare function statusOf(world: World, instance: InstanceRecord): {
    status: string;
    status_code: StatusCode;
};
/** LXD 5.0 takes Error for "not running", too. */
export declare function isRunning(instance: InstanceRecord): boolean;
