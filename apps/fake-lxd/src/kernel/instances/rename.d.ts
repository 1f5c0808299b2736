import type { Daemon } from "../daemon.ts";
import type { InstanceRecord } from "../records.ts";
/** Before the operation. A missing name reads as the same name, and that is in use. */
export declare function checkNewName(daemon: Daemon, instance: InstanceRecord, name: string): void;
export declare function renameInstance(daemon: Daemon, instance: InstanceRecord, name: string): void;
