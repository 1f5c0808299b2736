/** The namespaces of a starting guest: its own, another guest's, or the host's. */
import { hostname } from "node:os";
import { capabilitySet, allCapabilities } from "../core/capabilities.ts";
import type { IpcNamespace, Namespaces, UserNamespace, UtsNamespace } from "../core/namespaces.ts";
import { PidNamespace } from "../core/pid-namespace.ts";
import type { Machine } from "../core/machine.ts";
import { type Interface, parseAddress } from "../net/namespace.ts";
import type { Fabric } from "../net/fabric.ts";
import type { NetNamespace } from "../net/namespace.ts";
import type { Guest, GuestInterface, GuestSecurity, GuestSpec } from "../types.ts";
import { MemFs } from "../vfs/mem-fs.ts";

/** What the host's processes would be in. */
export interface HostNamespaces {
  readonly uts: UtsNamespace;
  readonly ipc: IpcNamespace;
  readonly user: UserNamespace;
  readonly net: NetNamespace;
}

let nextId = 1;

export function createHostNamespaces(machine: Machine, fabric: Fabric): HostNamespaces {
  return {
    uts: { id: nextId++, hostname: hostname() },
    ipc: newIpc(machine, true),
    user: { id: nextId++, base: 0, size: 4_294_967_295, isHost: true },
    net: fabric.create(true),
  };
}

function newIpc(machine: Machine, isHost = false): IpcNamespace {
  return { id: nextId++, isHost, sysctls: new Map(), shm: new MemFs({ now: machine.now, rootMode: 0o1777 }) };
}

/** `of` finds the namespaces of a guest that this kernel started. */
export function joinNamespaces(
  spec: GuestSpec,
  machine: Machine,
  fabric: Fabric,
  host: HostNamespaces,
  of: (guest: Guest) => Namespaces,
): Namespaces {
  const { net, ipc, uts, pid, user } = spec.namespaces;
  const namespaces: Namespaces = {
    net: net === undefined ? newNet(fabric, spec.interfaces) : net === "host" ? host.net : of(net).net,
    ipc: ipc === undefined ? newIpc(machine) : ipc === "host" ? host.ipc : of(ipc).ipc,
    uts: uts === undefined ? { id: nextId++, hostname: spec.hostname } : uts === "host" ? host.uts : of(uts).uts,
    pid: pid === undefined ? new PidNamespace() : pid === "host" ? machine.hostPids : of(pid).pid,
    user: user === undefined ? newUser(spec.security, host) : user === "host" ? host.user : of(user).user,
  };
  for (const [key, value] of Object.entries(spec.sysctls))
    (key.startsWith("net.") ? namespaces.net : namespaces.ipc).sysctls.set(key, value);
  return namespaces;
}

function newUser({ privileged, idmapBase, idmapSize }: GuestSecurity, host: HostNamespaces): UserNamespace {
  return privileged ? host.user : { id: nextId++, base: idmapBase, size: idmapSize, isHost: false };
}

function newNet(fabric: Fabric, interfaces: readonly GuestInterface[]): NetNamespace {
  const namespace = fabric.create();
  // liblxc brings the loopback up along with the first interface
  if (interfaces.length > 0) namespace.setLoopback(true);
  for (const one of interfaces) {
    namespace.interfaces.push(interfaceOf(one));
  }
  return namespace;
}

export function interfaceOf(nic: GuestInterface): Interface {
  return {
    name: nic.name,
    type: "broadcast",
    up: true,
    hwaddr: nic.hwaddr,
    hostName: nic.hostName,
    mtu: nic.mtu,
    network: nic.network,
    addresses: nic.addresses.map(parseAddress),
    gateway: nic.gateway,
    requestLease: () => nic.requestLease(),
    bytesReceived: 0,
    bytesSent: 0,
    packetsReceived: 0,
    packetsSent: 0,
  };
}

/** The bounding set that the security settings leave. */
export function boundingSet({ capKeep, capDrop }: GuestSecurity): bigint {
  return capKeep ? capabilitySet(capKeep) : allCapabilities & ~capabilitySet(capDrop);
}
