import type { Config, Devices } from "../records.ts";
import type { World } from "../world.ts";
export interface Expandable {
    project: string;
    profiles: readonly string[];
    config: Config;
    devices: Devices;
}
export declare function expandedConfig(world: World, object: Expandable): Config;
export declare function expandedDevices(world: World, object: Expandable): Devices;
