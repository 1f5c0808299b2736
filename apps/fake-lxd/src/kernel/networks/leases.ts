/** Who has which address on a managed bridge: static ones from devices, dynamic ones from DHCP. */
import type { NetworkLease } from "@lxe/lxd-client";
import type { DhcpLease } from "../../guest/types.ts";
import { isTrue } from "../config/validators.ts";
import { expandedDevices, nicsAmong } from "../instances/expand.ts";
import type { InstanceRecord, NetworkRecord } from "../records.ts";
import type { World } from "../world.ts";
import { subnetOf, toAddress, toNumber } from "./ipv4.ts";

interface StaticLease {
  instance: InstanceRecord;
  hwaddr: string;
  address: string;
}

function staticLeases(world: World, network: NetworkRecord): StaticLease[] {
  const leases: StaticLease[] = [];
  for (const instance of world.instances.values()) {
    for (const [name, device] of nicsAmong(expandedDevices(world, instance))) {
      if (device["network"] !== network.name || !device["ipv4.address"]) continue;
      const hwaddr = device["hwaddr"] ?? instance.config[`volatile.${name}.hwaddr`] ?? "";
      leases.push({ instance, hwaddr, address: device["ipv4.address"] });
    }
  }
  return leases;
}

function rangesOf(network: NetworkRecord): [from: number, to: number][] {
  const subnet = subnetOf(network.config["ipv4.address"]);
  if (subnet === undefined) return [];
  const given = network.config["ipv4.dhcp.ranges"];
  if (!given) return [[subnet.base + 2, subnet.base + subnet.size - 2]];
  return given.split(",").map((range) => {
    const [from = "", to = from] = range.trim().split("-");
    return [toNumber(from), toNumber(to)];
  });
}

function freeAddress(world: World, network: NetworkRecord): string | undefined {
  const taken = new Set([
    subnetOf(network.config["ipv4.address"])?.address,
    ...staticLeases(world, network).map((lease) => lease.address),
    ...[...network.leases.values()].map((lease) => lease.address),
  ]);
  for (const [from, to] of rangesOf(network)) {
    for (let number = from; number <= to; number++) {
      const address = toAddress(number);
      if (!taken.has(address)) return address;
    }
  }
  return undefined;
}

/** What the bridge's DHCP server answers; the same client gets the same address again. */
export function requestLease(
  world: World,
  network: NetworkRecord,
  client: { instance: InstanceRecord; hwaddr: string; hostname: string },
): DhcpLease | null {
  const subnet = subnetOf(network.config["ipv4.address"]);
  if (subnet === undefined) return null;
  if (network.config["ipv4.dhcp"] && !isTrue(network.config["ipv4.dhcp"])) return null;
  const fixed = staticLeases(world, network).find((lease) => lease.hwaddr === client.hwaddr);
  const address = fixed?.address ?? network.leases.get(client.hwaddr)?.address ?? freeAddress(world, network);
  if (address === undefined) return null;
  if (fixed === undefined) {
    network.leases.set(client.hwaddr, { hostname: client.hostname, address, project: client.instance.project });
  }
  return {
    address: `${address}/${subnet.prefix}`,
    gateway: network.config["ipv4.dhcp.gateway"] || subnet.address,
    nameservers: [subnet.address],
    domain: network.config["dns.domain"] || "lxd",
  };
}

/** The instance is gone and its addresses are free. */
export function releaseLeases(world: World, instance: InstanceRecord): void {
  for (const network of world.networks.values()) {
    for (const hwaddr of network.leases.keys()) {
      if (Object.values(instance.config).includes(hwaddr)) network.leases.delete(hwaddr);
    }
  }
}

export function listLeases(world: World, network: NetworkRecord, project: string): NetworkLease[] {
  const subnet = subnetOf(network.config["ipv4.address"]);
  const gateway: NetworkLease[] =
    subnet === undefined || project !== "default"
      ? []
      : [{ hostname: `${network.name}.gw`, hwaddr: "", address: subnet.address, type: "gateway", location: "" }];
  const fixed = staticLeases(world, network).map(({ instance, hwaddr, address }): NetworkLease => {
    return { hostname: instance.name, hwaddr, address, type: "static", location: "none" };
  });
  const dynamic = [...network.leases].map(([hwaddr, lease]): NetworkLease => {
    return { hostname: lease.hostname, hwaddr, address: lease.address, type: "dynamic", location: "none" };
  });
  return [...gateway, ...fixed, ...dynamic];
}
