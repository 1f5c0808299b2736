import type { Daemon } from "../daemon.ts";
import type { Operation } from "../operations.ts";
import type { InstanceRecord } from "../records.ts";
export declare function attachConsole(daemon: Daemon, instance: InstanceRecord, size: {
    width: number;
    height: number;
}): Operation;
