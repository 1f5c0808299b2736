import type { GuestMount } from "../../guest/types.ts";
import type { MountEntry } from "../raw-lxc/mount-entry.ts";
import type { Devices, InstanceRecord } from "../records.ts";
import { type World } from "../world.ts";
export interface DiskMount {
    /** What lxc.conf says: LXD binds the source below its own directory first. */
    entry: MountEntry;
    /** The source on the host. */
    source: string;
}
/** Undefined: the device has no source on this host and need not have one. */
export declare function diskMount(world: World, instance: InstanceRecord, name: string, device: Record<string, string>): DiskMount | undefined;
export declare function diskMounts(world: World, instance: InstanceRecord, devices: Devices): DiskMount[];
export declare function toGuestMount(entry: MountEntry, source: string): GuestMount;
/** Every mount entry in effect, LXD's own host facilities left out. */
export declare function guestMounts(world: World, entries: readonly MountEntry[], disks: readonly DiskMount[]): GuestMount[];
