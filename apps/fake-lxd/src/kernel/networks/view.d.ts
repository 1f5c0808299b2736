import type { Network, NetworkState } from "@lxe/lxd-client";
import type { NetworkRecord } from "../records.ts";
import type { World } from "../world.ts";
export declare function renderNetwork(world: World, network: NetworkRecord): Network;
/** Managed ones first, then the host's. */
export declare function renderNetworks(world: World): Network[];
export declare function findNetwork(world: World, name: string): Network;
export declare function networkState(world: World, name: string): NetworkState;
