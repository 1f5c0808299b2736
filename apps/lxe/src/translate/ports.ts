/** Port mappings of a pod → LXD proxy devices on its pause instance. Pure. */

import { isIP } from "node:net";
import { InvalidArgumentError, type PortMapping, Protocol } from "@lxe/cri";
import type { DeviceMap } from "@lxe/lxd-client";

const PORT_MAX = 65535;

/**
 * A proxy listens on the host and connects inside the pod's network namespace to the pod's own address, so an app bound to
 * it or to all addresses is reached. `::` takes IPv4 connections too. Mappings without a host port only inform.
 */
export function proxyDevices(
  mappings: readonly PortMapping[],
  podAddress: string,
  node: { readonly ipv6: boolean },
): DeviceMap {
  const devices: DeviceMap = {};
  for (const mapping of mappings) {
    if (mapping.hostPort === 0) continue;
    const protocol = protocolName(mapping);
    checkPort(mapping.hostPort, "host_port");
    checkPort(mapping.containerPort, "container_port");
    if (mapping.hostIp !== "" && isIP(mapping.hostIp) === 0)
      throw new InvalidArgumentError(`port_mappings.host_ip is no IP address: ${JSON.stringify(mapping.hostIp)}`);
    const host = mapping.hostIp || (node.ipv6 ? "::" : "0.0.0.0");
    const name = `port-${protocol}-${mapping.hostPort}${mapping.hostIp ? `-${host.replaceAll(/[^0-9a-zA-Z.]/g, "_")}` : ""}`;
    const connect = `${protocol}:${bracket(podAddress)}:${mapping.containerPort}`;
    if (devices[name] && devices[name]["connect"] !== connect) {
      throw new InvalidArgumentError(`port_mappings.host_port ${mapping.hostPort}/${protocol} is mapped twice`);
    }
    devices[name] = {
      type: "proxy",
      bind: "host",
      listen: `${protocol}:${bracket(host)}:${mapping.hostPort}`,
      connect,
    };
  }
  return devices;
}

function protocolName({ protocol }: PortMapping): "tcp" | "udp" {
  if (protocol === Protocol.TCP) return "tcp";
  if (protocol === Protocol.UDP) return "udp";
  throw new InvalidArgumentError("port_mappings.protocol: LXD forwards TCP and UDP, not SCTP");
}

function checkPort(port: number, field: string): void {
  if (port < 1 || port > PORT_MAX)
    throw new InvalidArgumentError(`port_mappings.${field} must lie in 1..65535, not ${port}`);
}

const bracket = (address: string): string => (address.includes(":") ? `[${address}]` : address);
