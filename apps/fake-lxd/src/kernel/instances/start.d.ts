import type { Daemon } from "../daemon.ts";
import type { Operation } from "../operations.ts";
import type { InstanceRecord } from "../records.ts";
import { Machine } from "./machine.ts";
/** Everything between the lock and the event. */
export declare function bringUp(daemon: Daemon, instance: InstanceRecord, { operation, stateful }?: {
    operation?: Operation | undefined;
    stateful?: boolean;
}): Promise<void>;
/** The monitor's stop hook reaches whichever daemon lives then; see `autostart.ts` for containers that ended unseen. */
export declare function watchEnd(daemon: Daemon, instance: InstanceRecord, machine: Machine): void;
export declare function startInstance(daemon: Daemon, instance: InstanceRecord, operation: Operation | undefined, stateful: boolean): Promise<void>;
