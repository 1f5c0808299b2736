import { type DiskMount } from "../devices/mounts.ts";
import { type Nic } from "../devices/nics.ts";
import { type LxcSettings } from "../raw-lxc/settings.ts";
import type { Config, Devices, InstanceRecord } from "../records.ts";
import type { World } from "../world.ts";
export interface LxcConfig {
    config: Config;
    devices: Devices;
    settings: LxcSettings;
    disks: DiskMount[];
    nics: Nic[];
    /** Content of lxc.conf. */
    text: string;
}
export declare function logDirectory(world: World, instance: InstanceRecord): string;
/** Throws `Failed to load config file ...` when liblxc refuses raw.lxc. */
export declare function lxcConfigOf(world: World, instance: InstanceRecord): LxcConfig;
