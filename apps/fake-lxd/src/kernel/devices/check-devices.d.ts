import type { Devices } from "../records.ts";
import { type World } from "../world.ts";
type Device = Record<string, string>;
export interface DeviceScope {
    world: World;
    project: string;
    /** Absent for a profile: then nothing is looked up. */
    instance?: string;
}
/** Throws `Device validation failed for "x": ...`. */
export declare function checkDevices(devices: Devices, scope: DeviceScope): void;
/** What must be on the host before a device is added: sources of disks, volumes, pools. */
export declare function checkAdded(name: string, device: Device, scope: DeviceScope): void;
export declare function checkDiskExists(name: string, device: Device, scope: DeviceScope): void;
/** Throws unless exactly one disk is the root of the file system. Returns its pool. */
export declare function rootPoolOf(devices: Devices): string;
export {};
