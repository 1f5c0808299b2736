/** Managed bridges and what LXD lists of the host's own interfaces. Addresses are in `leases.ts`. */
import { randomHex, randomInteger } from "../../platform/seeded.ts";
import type { Random } from "../../platform/types.ts";
import { anything, boolean, interfaceName, ipv4Cidr, ipv6Cidr, oneOf, type Validator } from "../config/validators.ts";
import { badRequest, conflict, failure, LxdFailure, notFound, within } from "../errors.ts";
import { expandedDevices, nicsAmong } from "../instances/expand.ts";
import type { Config, Devices, NetworkRecord } from "../records.ts";
import { urlOf, type World } from "../world.ts";
import { overlaps, subnetOf } from "./ipv4.ts";

const addressOr =
  (check: Validator): Validator =>
  (value) =>
    value === "" || value === "none" || value === "auto" ? undefined : check(value);
const optionalBoolean: Validator = (value) => (value === "" ? undefined : boolean(value));

const bridgeKeys: Readonly<Record<string, Validator>> = {
  "bgp.ipv4.nexthop": anything,
  "bgp.ipv6.nexthop": anything,
  "bridge.driver": oneOf("native", "openvswitch", ""),
  "bridge.external_interfaces": anything,
  "bridge.hwaddr": anything,
  "bridge.mode": oneOf("standard", "fan", ""),
  "bridge.mtu": anything,
  "dns.domain": anything,
  "dns.mode": oneOf("dynamic", "managed", "none", ""),
  "dns.search": anything,
  "dns.zone.forward": anything,
  "dns.zone.reverse.ipv4": anything,
  "dns.zone.reverse.ipv6": anything,
  "fan.overlay_subnet": anything,
  "fan.type": anything,
  "fan.underlay_subnet": anything,
  "ipv4.address": addressOr(ipv4Cidr),
  "ipv4.dhcp": optionalBoolean,
  "ipv4.dhcp.expiry": anything,
  "ipv4.dhcp.gateway": anything,
  "ipv4.dhcp.ranges": anything,
  "ipv4.firewall": optionalBoolean,
  "ipv4.nat": optionalBoolean,
  "ipv4.nat.address": anything,
  "ipv4.nat.order": anything,
  "ipv4.ovn.ranges": anything,
  "ipv4.routes": anything,
  "ipv4.routing": optionalBoolean,
  "ipv6.address": addressOr(ipv6Cidr),
  "ipv6.dhcp": optionalBoolean,
  "ipv6.dhcp.expiry": anything,
  "ipv6.dhcp.ranges": anything,
  "ipv6.dhcp.stateful": optionalBoolean,
  "ipv6.firewall": optionalBoolean,
  "ipv6.nat": optionalBoolean,
  "ipv6.nat.address": anything,
  "ipv6.nat.order": anything,
  "ipv6.ovn.ranges": anything,
  "ipv6.routes": anything,
  "ipv6.routing": optionalBoolean,
  "maas.subnet.ipv4": anything,
  "maas.subnet.ipv6": anything,
  "raw.dnsmasq": anything,
  "security.acls": anything,
  "security.acls.default.egress.action": anything,
  "security.acls.default.egress.logged": anything,
  "security.acls.default.ingress.action": anything,
  "security.acls.default.ingress.logged": anything,
};

const unmanagedTypes = new Set(["macvlan", "sriov", "physical", "ovn"]);

function checkNetworkConfig(name: string, config: Config): void {
  for (const [key, value] of Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (key.startsWith("user.") || key.startsWith("tunnel.")) continue;
    const check = Object.hasOwn(bridgeKeys, key) ? bridgeKeys[key] : undefined;
    if (check === undefined) throw failure(`Invalid option for network "${name}" option "${key}"`);
    const wrong = check(value);
    if (wrong !== undefined) throw failure(`Invalid value for network "${name}" option "${key}": ${wrong}`);
  }
}

function automaticSubnet(world: World, random: Random): string {
  const taken = [...world.networks.values()].flatMap((network) => subnetOf(network.config["ipv4.address"]) ?? []);
  for (let attempt = 0; attempt < 100; attempt++) {
    const address = `10.${randomInteger(random, 256)}.${randomInteger(random, 256)}.1/24`;
    const subnet = subnetOf(address);
    if (subnet !== undefined && !taken.some((other) => overlaps(other, subnet))) return address;
  }
  throw failure(
    "Failed generating auto config: Failed to automatically find an unused IPv4 subnet, manual configuration required",
  );
}

function fillConfig(world: World, given: Config): Config {
  const config = { ...given };
  if (config["ipv4.address"] === undefined || config["ipv4.address"] === "auto") {
    config["ipv4.address"] = automaticSubnet(world, world.random);
    config["ipv4.nat"] ??= "true";
  }
  if (config["ipv6.address"] === undefined || config["ipv6.address"] === "auto") {
    const hex = randomHex(world.random, 12);
    config["ipv6.address"] = `fd42:${hex.slice(0, 4)}:${hex.slice(4, 8)}:${hex.slice(8)}::1/64`;
    config["ipv6.nat"] ??= "true";
  }
  return config;
}

/** dnsmasq cannot listen twice on one address. */
function checkListens(world: World, name: string, config: Config): void {
  const subnet = subnetOf(config["ipv4.address"]);
  const others = [...world.networks.values()].filter((network) => network.name !== name);
  if (subnet && others.some((other) => subnetOf(other.config["ipv4.address"])?.address === subnet.address)) {
    throw failure(
      `The DNS and DHCP service exited prematurely: Process exited with non-zero value 2 ("dnsmasq: failed to create listening socket for ${subnet.address}: Address already in use")`,
    );
  }
}

export interface NetworkInput {
  name: string;
  type: string;
  description: string;
  config: Config;
}

export function createNetwork(world: World, input: NetworkInput): NetworkRecord {
  const { name } = input;
  if (name === "") throw badRequest("No name provided");
  const wrong = interfaceName(name);
  if (wrong !== undefined) throw badRequest(wrong);
  const type = input.type || "bridge";
  if (type !== "bridge" && !unmanagedTypes.has(type)) throw badRequest("Unknown driver");
  if (type !== "bridge") throw badRequest("Only bridge networks can be simulated");
  if (world.networks.has(name)) throw badRequest("The network already exists");
  const config = fillConfig(world, input.config);
  checkNetworkConfig(name, config);
  checkListens(world, name, config);
  const hwaddr = `00:16:3e:${randomHex(world.random, 6).replaceAll(/(..)(?=.)/g, "$1:")}`;
  const network: NetworkRecord = { name, description: input.description, type, config, hwaddr, leases: new Map() };
  world.networks.set(name, network);
  return network;
}

/** For everything but reads: only managed ones exist. */
export function managedNetwork(world: World, name: string): NetworkRecord {
  const network = world.networks.get(name);
  if (network === undefined) throw within("Failed loading network", notFound("Network not found"));
  return network;
}

export function updateNetwork(world: World, name: string, change: { description: string; config: Config }): void {
  const network = managedNetwork(world, name);
  const config = Object.fromEntries(Object.entries(change.config).filter(([, value]) => value !== ""));
  try {
    checkNetworkConfig(name, config);
  } catch (error) {
    throw error instanceof LxdFailure ? badRequest(error.message) : error;
  }
  const filled = fillConfig(world, config);
  checkListens(world, name, filled);
  network.config = filled;
  network.description = change.description;
}

/** `null` when nobody does, as LXD prints it. An instance is told once for each of its nics. */
export function networkUsers(world: World, name: string): string[] | null {
  const isOn = (device: Devices[string]) => device["network"] === name || device["parent"] === name;
  const urls: string[] = [];
  for (const profile of world.profiles.values()) {
    if (nicsAmong(profile.devices).some(([, device]) => isOn(device)))
      urls.push(urlOf("profiles", encodeURIComponent(profile.name), profile.project));
  }
  for (const instance of world.instances.values()) {
    for (const [, device] of nicsAmong(expandedDevices(world, instance)))
      if (isOn(device)) urls.push(urlOf("instances", instance.name, instance.project));
  }
  return urls.length === 0 ? null : urls;
}

export function renameNetwork(world: World, name: string, newName: string): void {
  const network = managedNetwork(world, name);
  if (newName === "") throw badRequest("New network name not provided");
  const wrong = interfaceName(newName);
  if (wrong !== undefined) throw badRequest(wrong);
  if (world.networks.has(newName)) throw conflict(`Network ${JSON.stringify(newName)} already exists`);
  if (networkUsers(world, name) !== null) throw badRequest("Network is currently in use");
  world.networks.delete(name);
  network.name = newName;
  world.networks.set(newName, network);
}

export function deleteNetwork(world: World, name: string): void {
  managedNetwork(world, name);
  if (networkUsers(world, name) !== null) throw badRequest("The network is currently in use");
  world.networks.delete(name);
}
