/** A container's end as the daemon handles it: the stop hooks, the volatile keys, the event. */
import type { Daemon } from "../daemon.ts";
import type { InstanceRecord } from "../records.ts";
import type { Machine } from "./machine.ts";
/** The monitor and the proxies go; on the host nothing is left of the container. */
export declare function dismantle(instance: InstanceRecord, machine: Machine): Promise<void>;
/** Runs once per container, when its monitor calls the stop hook. */
export declare function handleEnd(daemon: Daemon, instance: InstanceRecord, machine: Machine): Promise<void>;
