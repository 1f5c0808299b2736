/** Who has which address on a managed bridge: static ones from devices, dynamic ones from DHCP. */
import type { NetworkLease } from "@lxe/lxd-client";
import type { DhcpLease } from "../../guest/types.ts";
import type { InstanceRecord, NetworkRecord } from "../records.ts";
import type { World } from "../world.ts";
/** What the bridge's DHCP server answers; the same client gets the same address again. */
export declare function requestLease(world: World, network: NetworkRecord, client: {
    instance: InstanceRecord;
    hwaddr: string;
    hostname: string;
}): DhcpLease | null;
/** The instance is gone and its addresses are free. */
export declare function releaseLeases(world: World, instance: InstanceRecord): void;
export declare function listLeases(world: World, network: NetworkRecord, project: string): NetworkLease[];
