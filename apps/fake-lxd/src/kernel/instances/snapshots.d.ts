/** Snapshots of instances: copies of configuration and files. */
import type { Daemon } from "../daemon.ts";
import type { InstanceRecord, SnapshotRecord } from "../records.ts";
export declare function findSnapshot(instance: InstanceRecord, name: string): SnapshotRecord;
/** `snap0`, `snap1`, ... unless `snapshots.pattern` says otherwise. */
export declare function nextSnapshotName(daemon: Daemon, instance: InstanceRecord): string;
export declare function createSnapshot(daemon: Daemon, instance: InstanceRecord, name: string, expiresAt: string): void;
export declare function deleteSnapshot(daemon: Daemon, instance: InstanceRecord, name: string): void;
export declare function renameSnapshot(daemon: Daemon, instance: InstanceRecord, name: string, newName: string): void;
export declare function restoreSnapshot(daemon: Daemon, instance: InstanceRecord, name: string): void;
