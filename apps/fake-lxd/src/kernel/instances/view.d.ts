/** What the API shows of instances, keys in the order of LXD 5.0. */
import type { Instance, InstanceFull, InstanceSnapshot, InstanceState } from "@lxe/lxd-client";
import type { InstanceRecord, SnapshotRecord } from "../records.ts";
import { type World } from "../world.ts";
export declare function renderInstance(world: World, instance: InstanceRecord): Instance;
/** What the ETag covers: whole profiles, so that an edit of one changes it. */
export declare function instanceEtag(world: World, instance: InstanceRecord): unknown;
export declare function renderState(world: World, instance: InstanceRecord): InstanceState;
export declare function renderSnapshot(world: World, instance: InstanceRecord, snapshot: SnapshotRecord): InstanceSnapshot;
export declare function renderFull(world: World, instance: InstanceRecord): InstanceFull;
/** `resources` of an operation: both the new and the old kind. */
export declare function instanceResources(...names: string[]): Record<string, string[]>;
export declare function instanceUrl(instance: {
    name: string;
    project: string;
}): string;
