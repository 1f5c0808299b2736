/** What the API shows of networks. */
import { existsSync } from "node:fs";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import type { Network, NetworkState } from "@lxe/lxd-client";
import { notFound } from "../errors.ts";
import { sorted } from "../etag.ts";
import { nicsOf } from "../devices/nics.ts";
import { expandedDevices } from "../instances/expand.ts";
import type { NetworkRecord } from "../records.ts";
import type { World } from "../world.ts";
import { subnetOf } from "./ipv4.ts";
import { networkUsers } from "./networks.ts";

function renderNetwork(world: World, network: NetworkRecord): Network {
  return {
    config: sorted(network.config),
    description: network.description,
    name: network.name,
    type: network.type,
    used_by: networkUsers(world, network.name),
    managed: true,
    status: "Created",
    locations: ["none"],
  };
}

/** Bridges of the host are a real LXD's, or Docker's: here, their names are free. */
const isBridge = (name: string): boolean => existsSync(`/sys/class/net/${name}/bridge`);

function hostInterfaces(world: World): [name: string, addresses: NetworkInterfaceInfo[]][] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    world.networks.has(name) || addresses === undefined || isBridge(name) ? [] : [[name, addresses]],
  );
}

function renderHost(name: string, addresses: NetworkInterfaceInfo[]): Network {
  const isLoopback = addresses.some((address) => address.internal);
  return {
    config: {},
    description: "",
    name,
    type: isLoopback ? "loopback" : "physical",
    used_by: isLoopback ? [] : null,
    managed: false,
    status: "",
    locations: null,
  };
}

/** Managed ones first, then the host's. */
export function renderNetworks(world: World): Network[] {
  return [
    ...[...world.networks.values()].map((network) => renderNetwork(world, network)),
    ...hostInterfaces(world).map(([name, addresses]) => renderHost(name, addresses)),
  ];
}

export function findNetwork(world: World, name: string): Network {
  const managed = world.networks.get(name);
  // the host's interfaces are worth asking for only when it is one of them
  if (managed !== undefined) return renderNetwork(world, managed);
  const found = renderNetworks(world).find((network) => network.name === name);
  if (found === undefined) throw notFound("Network not found");
  return found;
}

const noCounters = { bytes_received: 0, bytes_sent: 0, packets_received: 0, packets_sent: 0 };

export function networkState(world: World, name: string): NetworkState {
  const network = world.networks.get(name);
  if (network !== undefined) return bridgeState(world, network);
  const [, addresses] = hostInterfaces(world).find(([host]) => host === name) ?? [];
  if (addresses === undefined) throw notFound(`Network interface "${name}" not found`);
  const isLoopback = addresses.some((address) => address.internal);
  return {
    addresses: addresses.map((address) => ({
      family: address.family === "IPv4" ? "inet" : "inet6",
      address: address.address,
      netmask: address.cidr?.split("/")[1] ?? "",
      scope: address.internal ? "local" : address.address.startsWith("fe80:") ? "link" : "global",
    })),
    counters: noCounters,
    hwaddr: isLoopback ? "" : (addresses[0]?.mac ?? ""),
    mtu: isLoopback ? 65536 : 1500,
    state: "up",
    type: isLoopback ? "loopback" : "broadcast",
    bond: null,
    bridge: null,
    vlan: null,
    ovn: null,
  };
}

function hostInterfacesOn(world: World, network: string): string[] {
  return world
    .instancesOf(undefined)
    .filter(({ machine }) => machine !== null)
    .flatMap((instance) => nicsOf(instance, expandedDevices(world, instance)))
    .filter((nic) => nic.network === network && nic.hostName !== "")
    .map((nic) => nic.hostName);
}

function bridgeState(world: World, network: NetworkRecord): NetworkState {
  const subnet = subnetOf(network.config["ipv4.address"]);
  const v4 = subnet
    ? [{ family: "inet" as const, address: subnet.address, netmask: String(subnet.prefix), scope: "global" }]
    : [];
  const [v6 = "none", v6Prefix = ""] = (network.config["ipv6.address"] ?? "none").split("/");
  return {
    addresses: [
      ...v4,
      ...(v6 === "none" ? [] : [{ family: "inet6" as const, address: v6, netmask: v6Prefix, scope: "global" }]),
    ],
    counters: noCounters,
    hwaddr: network.hwaddr,
    mtu: Number(network.config["bridge.mtu"] || 1500),
    state: "up",
    type: "broadcast",
    bond: null,
    bridge: {
      id: `8000.${network.hwaddr.replaceAll(":", "")}`,
      stp: false,
      forward_delay: 1500,
      vlan_default: 0,
      vlan_filtering: false,
      upper_devices: hostInterfacesOn(world, network.name),
    },
    vlan: null,
    ovn: null,
  };
}
