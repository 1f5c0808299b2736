/** Nic devices as interfaces of a guest. */
import type { GuestInterface } from "../../guest/types.ts";
import { nicsAmong } from "../instances/expand.ts";
import { requestLease } from "../networks/leases.ts";
import type { LxcSettings } from "../raw-lxc/settings.ts";
import type { Devices, InstanceRecord } from "../records.ts";
import type { World } from "../world.ts";

export interface Nic {
  device: string;
  name: string;
  hostName: string;
  hwaddr: string;
  /** The bridge, or what stands for it. */
  network: string;
  mtu: number;
}

/** In the order of lxc.conf, which is that of the device names. */
export function nicsOf(instance: InstanceRecord, devices: Devices): Nic[] {
  return nicsAmong(devices).map(([device, options]) => nicOf(instance, device, options));
}

export function nicOf(instance: InstanceRecord, device: string, options: Record<string, string>): Nic {
  const own = (key: string) => instance.config[`volatile.${device}.${key}`];
  return {
    device,
    name: options["name"] || own("name") || device,
    hostName: own("host_name") ?? "",
    hwaddr: options["hwaddr"] || own("hwaddr") || "",
    network: options["network"] ?? options["parent"] ?? device,
    mtu: Number(options["mtu"] || 1500),
  };
}

/**
 * Addresses come from raw.lxc (`lxc.net.N.*`). Without them an image's own init is taken to run a DHCP client, as every
 * distribution's does; an app as init runs none, and gets an address only if it asks for one.
 */
export function guestInterface(
  world: World,
  instance: InstanceRecord,
  nic: Nic,
  index: number,
  settings: LxcSettings,
): GuestInterface {
  const network = world.networks.get(nic.network);
  const client = { instance, hwaddr: nic.hwaddr, hostname: settings.hostname };
  const lease = () => (network === undefined ? null : requestLease(world, network, client));
  const given = settings.networks.get(index);
  const isSystem = settings.initArgv[0] === "/sbin/init";
  const dhcp = given === undefined && isSystem ? lease() : null;
  const gateway = given?.gateway ?? dhcp?.gateway;
  return {
    name: nic.name,
    hwaddr: nic.hwaddr,
    hostName: nic.hostName,
    mtu: nic.mtu,
    network: nic.network,
    addresses: given?.addresses.map(withPrefix) ?? (dhcp === null ? [] : [dhcp.address]),
    ...(gateway !== undefined && { gateway }),
    requestLease: lease,
  };
}

/** liblxc takes the prefix of the address class when none is given. */
function withPrefix(address: string): string {
  if (address.includes("/")) return address;
  if (address.includes(":")) return `${address}/64`;
  const first = Number.parseInt(address, 10);
  return `${address}/${first < 128 ? 8 : first < 192 ? 16 : 24}`;
}
