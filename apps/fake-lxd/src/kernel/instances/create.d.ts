import type { Daemon } from "../daemon.ts";
import type { Operation } from "../operations.ts";
import type { Config, Devices, ImageRecord, InstanceRecord } from "../records.ts";
import { type World } from "../world.ts";
export interface CreateInput {
    project: string;
    name: string;
    description: string;
    architecture: string;
    config: Config;
    devices: Devices;
    ephemeral: boolean;
    profiles: string[];
}
/** LXD takes an architecture that it does not know for its own. */
export declare function architectureOf(world: World, given: string): string;
/** Before the operation. */
export declare function checkProfilesExist(world: World, project: string, profiles: readonly string[]): void;
export declare function withoutEmpty(config: Config): Config;
export declare function createFromImage(daemon: Daemon, input: CreateInput, image: ImageRecord, operation: Operation): Promise<InstanceRecord>;
export declare function createEmpty(daemon: Daemon, input: CreateInput): InstanceRecord;
export interface CopySource {
    instance: InstanceRecord;
    /** Null for the instance itself. */
    snapshot: InstanceRecord["snapshots"][number] | null;
    withSnapshots: boolean;
}
/** Config and devices of the request come on top of the source's. */
export declare function createCopy(daemon: Daemon, input: CreateInput, source: CopySource): Promise<InstanceRecord>;
