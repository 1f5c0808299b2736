import type { Config, NetworkRecord } from "../records.ts";
import { type World } from "../world.ts";
export interface NetworkInput {
    name: string;
    type: string;
    description: string;
    config: Config;
}
export declare function createNetwork(world: World, input: NetworkInput): NetworkRecord;
/** For everything but reads: only managed ones exist. */
export declare function managedNetwork(world: World, name: string): NetworkRecord;
export declare function updateNetwork(world: World, name: string, change: {
    description: string;
    config: Config;
}): void;
/** `null` when nobody does, as LXD prints it. */
export declare function networkUsers(world: World, name: string): string[] | null;
export declare function renameNetwork(world: World, name: string, newName: string): void;
export declare function deleteNetwork(world: World, name: string): void;
