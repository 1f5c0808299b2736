import type { StorageVolume } from "@lxe/lxd-client";
import type { Config, VolumeRecord } from "../records.ts";
import { type World } from "../world.ts";
export declare function checkVolumeType(type: string): void;
export declare function findVolume(world: World, pool: string, project: string, name: string): VolumeRecord;
export interface VolumeInput {
    pool: string;
    project: string;
    type: string;
    name: string;
    description: string;
    contentType: string;
    config: Config;
}
export declare function createVolume(world: World, input: VolumeInput): void;
export declare function updateVolume(volume: VolumeRecord, change: {
    description: string;
    config: Config;
}): void;
export declare function renameVolume(world: World, volume: VolumeRecord, name: string): void;
export declare function deleteVolume(world: World, volume: VolumeRecord): void;
export declare function renderVolume(world: World, volume: VolumeRecord): StorageVolume;
export declare function volumesOf(world: World, pool: string, project: string): StorageVolume[];
