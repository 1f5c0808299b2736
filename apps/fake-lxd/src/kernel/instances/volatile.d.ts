import type { Random } from "../../platform/types.ts";
import type { Config, InstanceRecord } from "../records.ts";
import type { World } from "../world.ts";
export interface IdMap {
    base: number;
    size: number;
}
/** Undefined for a privileged container: its ids are the host's. */
export declare function idMapOf(config: Config): IdMap | undefined;
/** LXD's JSON of it. */
export declare function idMapText(map: IdMap | undefined): string;
export declare function randomHwaddr(random: Random): string;
/** Hardware address and inner name of each nic that has none yet. */
export declare function fillNicVolatile(world: World, instance: InstanceRecord): void;
/** Keys of devices that are gone go with them. */
export declare function dropDeviceVolatile(instance: InstanceRecord, name: string): void;
/** What a create adds. */
export declare function initialVolatile(world: World, instance: InstanceRecord): void;
/** The map of the next start follows the configuration. */
export declare function refreshIdMap(world: World, instance: InstanceRecord): void;
/** A PUT must carry these over. */
export declare function checkIdMapKept(before: Config, after: Config): void;
export declare const hostInterfaceName: (random: Random) => string;
