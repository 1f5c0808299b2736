/** What two nics on one managed network cannot share. LXD looks when a nic is plugged, changed or started, not at create. */
import { conflict } from "../errors.ts";
import { expandedDevices, nicsAmong } from "../instances/expand.ts";
import type { Devices, InstanceRecord } from "../records.ts";
import type { World } from "../world.ts";

type Device = Record<string, string>;

interface PluggedNic {
  instance: InstanceRecord;
  name: string;
  device: Device;
}

/** A bridge that is named as `parent` is the network of that name, too. */
const networkOf = (device: Device) => device["network"] || device["parent"];

function nicsOn(world: World, network: string, own: InstanceRecord, stored: Devices): PluggedNic[] {
  const plugged: PluggedNic[] = [];
  for (const instance of world.instances.values()) {
    for (const [name, device] of nicsAmong(instance === own ? stored : expandedDevices(world, instance)))
      if (networkOf(device) === network) plugged.push({ instance, name, device });
  }
  return plugged;
}

const hwaddrOf = ({ instance, name, device }: PluggedNic) =>
  device["hwaddr"] || instance.config[`volatile.${name}.hwaddr`] || undefined;

/** Throws 409. `stored` are the instance's devices in the database; `device` may be what is about to replace one of them. */
export function checkNicConflicts(
  world: World,
  instance: InstanceRecord,
  name: string,
  device: Device,
  stored: Devices = expandedDevices(world, instance),
): void {
  const network = networkOf(device);
  if (device["type"] !== "nic" || !network || !world.networks.has(network)) return;
  const own: PluggedNic = { instance, name, device };
  const hwaddr = hwaddrOf(own);
  const address = device["ipv4.address"];
  for (const other of nicsOn(world, network, instance, stored)) {
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
