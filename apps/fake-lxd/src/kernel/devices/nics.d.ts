/** Nic devices as interfaces of a guest. */
import type { GuestInterface } from "../../guest/types.ts";
import type { LxcSettings } from "../raw-lxc/settings.ts";
import type { Devices, InstanceRecord } from "../records.ts";
import type { World } from "../world.ts";
export interface Nic {
    device: string;
    name: string;
    hostName: string;
    hwaddr: string;
    /** The bridge, or what stands for it. */
    network: string;
    mtu: number;
}
/** In the order of lxc.conf, which is that of the device names. */
export declare function nicsOf(instance: InstanceRecord, devices: Devices): Nic[];
/**
 * Addresses come from raw.lxc (`lxc.net.N.*`). Without them an image's own init is taken to run a DHCP client, as every
 * distribution's does; an app as init runs none, and gets an address only if it asks for one.
 */
export declare function guestInterface(world: World, instance: InstanceRecord, nic: Nic, index: number, settings: LxcSettings): GuestInterface;
