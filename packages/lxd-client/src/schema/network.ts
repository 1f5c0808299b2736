import type { ConfigMap } from "./common.ts";
import type { NetworkAddress, NetworkCounters } from "./instance-state.ts";

export interface Network {
  name: string;
  description: string;
  type: "bridge" | "macvlan" | "sriov" | "ovn" | "physical" | "loopback" | "bond" | "vlan" | "unknown" | (string & {});
  /** False for interfaces of the host that LXD only lists. */
  managed: boolean;
  /** `Created`, `Pending`, `Errored`; empty when unmanaged. */
  status: string;
  config: ConfigMap;
  used_by: string[] | null;
  locations: string[] | null;
  project?: string;
}

export interface NetworkPut {
  config?: ConfigMap | undefined;
  description?: string | undefined;
}

export interface NetworksPost extends NetworkPut {
  name: string;
  type?: string | undefined;
}

export interface NetworkState {
  addresses: NetworkAddress[];
  counters: NetworkCounters;
  hwaddr: string;
  mtu: number;
  state: "up" | "down" | (string & {});
  type: string;
  bridge?: unknown;
  bond?: unknown;
  vlan?: unknown;
  ovn?: unknown;
}

export interface NetworkLease {
  hostname: string;
  hwaddr: string;
  address: string;
  /** The bridge's own address appears as a `gateway`. */
  type: "static" | "dynamic" | "gateway" | "uplink" | (string & {});
  location: string;
  project?: string;
}
