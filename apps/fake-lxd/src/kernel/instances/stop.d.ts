import type { Daemon } from "../daemon.ts";
import type { InstanceRecord } from "../records.ts";
export interface StopRequest {
    force: boolean;
    /** Seconds; negative: no limit; 0: force. */
    timeout: number;
}
export declare function stopInstance(daemon: Daemon, instance: InstanceRecord, request: StopRequest): Promise<void>;
export declare function restartInstance(daemon: Daemon, instance: InstanceRecord, request: StopRequest): Promise<void>;
export declare function freezeInstance(daemon: Daemon, instance: InstanceRecord): void;
export declare function unfreezeInstance(daemon: Daemon, instance: InstanceRecord): void;
