import type { Daemon } from "../daemon.ts";
import type { Config, Devices, InstanceRecord } from "../records.ts";
import { type World } from "../world.ts";
export interface InstanceChange {
    description: string;
    architecture: string;
    config: Config;
    devices: Devices;
    ephemeral: boolean;
    profiles: string[];
}
export declare function checkProfiles(world: World, project: string, profiles: readonly string[]): void;
/** Replaces everything. Throws without having changed anything, unless a live change fails halfway. */
export declare function updateInstance(daemon: Daemon, instance: InstanceRecord, change: InstanceChange): Promise<void>;
/** A profile of the instance has changed: the same checks and live changes, its own values as they are. */
export declare function reapplyProfiles(daemon: Daemon, instance: InstanceRecord, before: Devices): Promise<void>;
