import type { Daemon } from "../daemon.ts";
import type { InstanceRecord } from "../records.ts";
/** Of a stopped one. Its log directory stays: lxc.log may still be wanted. */
export declare function deleteInstance(daemon: Daemon, instance: InstanceRecord): void;
