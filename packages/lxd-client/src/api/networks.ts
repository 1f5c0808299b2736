import type { Network, NetworkLease, NetworkPut, NetworksPost, NetworkState } from "../schema/network.ts";
import type { CallOptions, ListOptions, ModifyOptions, OperationOptions, Tagged, WriteOptions } from "./options.ts";

export interface NetworksApi {
  /** Interfaces of the host that LXD does not manage are in it too. */
  list(options?: ListOptions): Promise<Network[]>;
  get(name: string, options?: CallOptions): Promise<Tagged<Network>>;
  create(body: NetworksPost, options?: OperationOptions): Promise<void>;
  update(name: string, body: NetworkPut, options?: WriteOptions): Promise<void>;
  modify(
    name: string,
    change: (current: Required<NetworkPut>, network: Network) => NetworkPut | undefined,
    options?: ModifyOptions,
  ): Promise<void>;
  delete(name: string, options?: OperationOptions): Promise<void>;
  state(name: string, options?: CallOptions): Promise<NetworkState>;
  leases(name: string, options?: CallOptions): Promise<NetworkLease[]>;
}
