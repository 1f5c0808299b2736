/** Storage pools. All are of driver `dir`; space is that of the machine that LXD pretends to have. */
import type { StoragePool, StoragePoolResources } from "@lxe/lxd-client";
import type { Config, PoolRecord } from "../records.ts";
import { type World } from "../world.ts";
export declare function findPool(world: World, name: string): PoolRecord;
export declare function createPool(world: World, input: PoolRecord): void;
export declare function updatePool(pool: PoolRecord, change: {
    description: string;
    config: Config;
}): void;
export declare function renderPool(world: World, pool: PoolRecord): StoragePool;
export declare function deletePool(world: World, name: string): void;
/** Images lie on the same disk as the instances of every `dir` pool. */
export declare function poolResources(world: World): StoragePoolResources;
