/** The options of each device type on LXD 5.0.2, and their checks. */
import {
  anything,
  boolean,
  hardwareAddress,
  integer,
  interfaceName,
  octalMode,
  optional,
  required,
  uint32,
  type Validator,
} from "../config/validators.ts";
import { checkProxyAddress } from "./proxy-address.ts";

export type OptionTable = Readonly<Record<string, Validator>>;

const nicCommon: OptionTable = {
  "boot.priority": optional(uint32),
  host_name: optional(interfaceName),
  hwaddr: optional(hardwareAddress),
  "maas.subnet.ipv4": anything,
  "maas.subnet.ipv6": anything,
  mtu: optional(integer),
  name: optional(interfaceName),
};

const limits: OptionTable = { "limits.ingress": anything, "limits.egress": anything, "limits.max": anything };
const routes: OptionTable = { "ipv4.routes": anything, "ipv6.routes": anything };
const routesExternal: OptionTable = { "ipv4.routes.external": anything, "ipv6.routes.external": anything };
const addresses: OptionTable = { "ipv4.address": anything, "ipv6.address": anything };
const filters: OptionTable = {
  "security.mac_filtering": optional(boolean),
  "security.ipv4_filtering": optional(boolean),
  "security.ipv6_filtering": optional(boolean),
};
const gateways: OptionTable = {
  "ipv4.gateway": anything,
  "ipv6.gateway": anything,
  "ipv4.host_table": optional(integer),
  "ipv6.host_table": optional(integer),
};

export const nicTables: Readonly<Record<string, OptionTable>> = {
  bridged: {
    ...nicCommon,
    ...limits,
    ...routes,
    ...routesExternal,
    ...addresses,
    ...filters,
    network: anything,
    parent: required,
    "security.port_isolation": optional(boolean),
    vlan: anything,
    "vlan.tagged": anything,
  },
  macvlan: { ...nicCommon, network: anything, parent: required, vlan: anything, gvrp: optional(boolean) },
  sriov: {
    ...nicCommon,
    network: anything,
    parent: required,
    vlan: anything,
    "security.mac_filtering": optional(boolean),
  },
  physical: { ...nicCommon, network: anything, parent: required, vlan: anything, gvrp: optional(boolean) },
  ipvlan: {
    ...nicCommon,
    ...addresses,
    ...gateways,
    mode: anything,
    parent: required,
    vlan: anything,
    gvrp: optional(boolean),
  },
  p2p: { ...nicCommon, ...limits, ...routes },
  routed: {
    ...nicCommon,
    ...limits,
    ...addresses,
    ...gateways,
    ...routes,
    parent: anything,
    vlan: anything,
    gvrp: optional(boolean),
    "ipv4.host_address": anything,
    "ipv6.host_address": anything,
    "ipv4.neighbor_probe": optional(boolean),
    "ipv6.neighbor_probe": optional(boolean),
  },
};

const unixCommon: OptionTable = {
  gid: optional(uint32),
  mode: optional(octalMode),
  required: optional(boolean),
  uid: optional(uint32),
};

export const deviceTables: Readonly<Record<string, OptionTable>> = {
  disk: {
    "boot.priority": optional(uint32),
    "ceph.cluster_name": anything,
    "ceph.user_name": anything,
    "limits.max": anything,
    "limits.read": anything,
    "limits.write": anything,
    path: anything,
    pool: anything,
    propagation: anything,
    "raw.mount.options": anything,
    readonly: optional(boolean),
    recursive: optional(boolean),
    required: optional(boolean),
    shift: optional(boolean),
    size: anything,
    "size.state": anything,
    source: anything,
  },
  proxy: {
    bind: anything,
    connect: checkProxyAddress,
    gid: optional(uint32),
    listen: checkProxyAddress,
    mode: optional(octalMode),
    nat: optional(boolean),
    proxy_protocol: optional(boolean),
    "security.gid": optional(uint32),
    "security.uid": optional(uint32),
    uid: optional(uint32),
  },
  "unix-char": { ...unixCommon, major: optional(uint32), minor: optional(uint32), path: anything, source: anything },
  "unix-block": { ...unixCommon, major: optional(uint32), minor: optional(uint32), path: anything, source: anything },
  "unix-hotplug": { ...unixCommon, productid: anything, vendorid: anything },
  usb: { ...unixCommon, productid: anything, vendorid: anything },
  gpu: {
    gid: optional(uint32),
    gputype: anything,
    id: anything,
    mode: optional(octalMode),
    pci: anything,
    productid: anything,
    uid: optional(uint32),
    vendorid: anything,
  },
  tpm: { path: required },
};

/** LXD checks these of a proxy in this order, and they must be there. */
export const requiredOptions: Readonly<Record<string, readonly string[]>> = {
  proxy: ["connect", "listen"],
  tpm: ["path"],
  bridged: ["parent"],
  macvlan: ["parent"],
  sriov: ["parent"],
  physical: ["parent"],
  ipvlan: ["parent"],
};
