/**
 * Pods on a bridge that LXD manages. lxe chooses a pod's address before the pod exists and LXC configures it, so no DHCP
 * client is needed and the address is known at once. LXD keeps it as the nic's static lease and refuses a second owner.
 */

import { type PodSandboxConfig, ResourceExhaustedError, UnavailableError } from "@lxe/cri";
import { isLxdError, type LxdClient, type Network } from "@lxe/lxd-client";
import type { NodeFacts } from "../node.ts";
import type { Logger } from "../platform/logger.ts";
import type { Random } from "../platform/random.ts";
import type { Index } from "../store/index.ts";
import { proxyDevices } from "../translate/ports.ts";
import { broadcastOf, formatIpv4, nextFree, parseIpv4, parseSubnet, type Subnet } from "./ipv4.ts";
import type { NetworkClaim, NetworkPlugin, PodNetwork } from "./types.ts";

export interface BridgeOptions {
  readonly lxd: LxdClient;
  readonly index: Index;
  readonly random: Random;
  readonly log: Logger;
  readonly bridgeName: string;
  /** `FIRST-LAST`. */
  readonly range: string | undefined;
}

/** What there is for pods on a network of LXD's, or why nothing. */
export function readBridge(
  name: string,
  { managed, config }: Pick<Network, "managed" | "config">,
  range: string | undefined,
): { readonly subnet?: Subnet; readonly problem?: string } {
  if (!managed) {
    return {
      problem: `LXD does not manage the host's interface ${name}: choose another name for the bridge, or delete the interface`,
    };
  }
  const [first, last] = range?.split("-", 2).map(parseIpv4) ?? [];
  const addresses = first !== undefined && last !== undefined ? { first, last } : undefined;
  const subnet = parseSubnet(config["ipv4.address"] ?? "", addresses);
  return subnet
    ? { subnet }
    : { problem: `LXD network ${name} has no IPv4 subnet: set its ipv4.address, such as 10.78.0.1/24` };
}

export class BridgeNetwork implements NetworkPlugin {
  readonly #options: BridgeOptions;
  /** Claimed, and not in the index yet. */
  readonly #claimed = new Set<number>();
  #subnet: Subnet | undefined;
  #problem: string | undefined = "the bridge was not looked up yet";
  #next: number | undefined;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  notReady(): string | undefined {
    return this.#problem;
  }

  async prepare(signal?: AbortSignal): Promise<void> {
    const { lxd, bridgeName, range, log } = this.#options;
    try {
      const { value: network } = await lxd.networks.get(bridgeName, { signal });
      const { subnet, problem } = readBridge(bridgeName, network, range);
      if (network.managed) this.#subnet = subnet;
      this.#problem = problem;
    } catch (error) {
      if (isLxdError(error, "not-found")) {
        log.info({ bridge: bridgeName }, "the bridge is missing: creating it");
        await lxd.networks.create({ name: bridgeName, type: "bridge", config: {} }, { signal });
        return this.prepare(signal);
      }
      this.#problem = `LXD network ${bridgeName} cannot be read: ${String(error)}`;
      throw error;
    }
  }

  async claim(config: PodSandboxConfig, node: NodeFacts, signal?: AbortSignal): Promise<NetworkClaim> {
    if (!this.#subnet) throw new UnavailableError(this.#problem ?? "the network is not ready");
    const leases = await this.#options.lxd.networks.leases(this.#options.bridgeName, { signal });
    const used = new Set(this.#claimed);
    for (const { address } of leases) used.add(parseIpv4(address) ?? -1);
    for (const record of this.#options.index.instances())
      if (record.kind === "sandbox") for (const address of record.addresses) used.add(parseIpv4(address) ?? -1);
    const { first, last } = this.#subnet;
    const start = this.#next ?? first + Math.floor(this.#options.random.float() * (last - first + 1));
    const address = nextFree(this.#subnet, start, used);
    if (address === undefined) throw new ResourceExhaustedError(`no address is free on ${this.#options.bridgeName}`);
    const network = this.#network(config, node, this.#subnet, address); // may refuse, so the address is not taken yet
    this.#next = address + 1;
    this.#claimed.add(address);
    return {
      network,
      [Symbol.dispose]: () => this.#claimed.delete(address),
    };
  }

  #network(config: PodSandboxConfig, node: NodeFacts, subnet: Subnet, value: number): PodNetwork {
    const address = formatIpv4(value);
    return {
      addresses: [address],
      devices: {
        eth0: {
          type: "nic",
          nictype: "bridged",
          parent: this.#options.bridgeName,
          name: "eth0",
          "ipv4.address": address,
        },
        ...proxyDevices(config.portMappings, address, node),
      },
      raw: [
        ["lxc.net.0.ipv4.address", `${address}/${subnet.prefix} ${formatIpv4(broadcastOf(subnet))}`],
        ["lxc.net.0.ipv4.gateway", formatIpv4(subnet.gateway)],
      ],
    };
  }
}
