/** What two nics on one managed network cannot share. LXD looks when a nic is plugged, changed or started, not at create. */
import { conflict } from "../errors.ts";
import { expandedDevices } from "../instances/expand.ts";
import type { InstanceRecord } from "../records.ts";
import type { World } from "../world.ts";

type Device = Record<string, string>;

interface PluggedNic {
  instance: InstanceRecord;
  name: string;
  device: Device;
}

function nicsOn(world: World, network: string): PluggedNic[] {
  return world.instancesOf(undefined).flatMap((instance) =>
    Object.entries(expandedDevices(world, instance))
      .filter(([, device]) => device["type"] === "nic" && device["network"] === network)
      .map(([name, device]) => ({ instance, name, device })),
  );
}

const hwaddrOf = ({ instance, name, device }: PluggedNic) =>
  device["hwaddr"] || instance.config[`volatile.${name}.hwaddr`] || undefined;

/** Throws 409. `instance` must be the stored record, `device` may be what is about to replace its nic. */
export function checkNicConflicts(world: World, instance: InstanceRecord, name: string, device: Device): void {
  const { network } = device;
  if (device["type"] !== "nic" || !network || !world.networks.has(network)) return;
  const own: PluggedNic = { instance, name, device };
  const hwaddr = hwaddrOf(own);
  const address = device["ipv4.address"];
  for (const other of nicsOn(world, network)) {
    if (other.instance === instance && other.name === name) continue;
    if (other.instance.name === instance.name) {
      throw conflict(`Instance DNS name ${JSON.stringify(instance.name)} already used on network`);
    }
    if (hwaddr !== undefined && hwaddrOf(other) === hwaddr) {
      throw conflict(`MAC address ${JSON.stringify(hwaddr)} already defined on another NIC`);
    }
    if (address && address !== "none" && other.device["ipv4.address"] === address) {
      throw conflict(`IP address ${JSON.stringify(address)} already defined on another NIC`);
    }
  }
}
