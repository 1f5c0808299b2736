/** Static addresses of a nic on a managed bridge. */
import { isIPv4 } from "node:net";
import { isTrue } from "../config/validators.ts";
import { failure } from "../errors.ts";
import { contains, subnetOf } from "../networks/ipv4.ts";
import type { NetworkRecord } from "../records.ts";

export function checkBridgedAddresses(device: Record<string, string>, network: NetworkRecord | undefined): void {
  if (network === undefined) return;
  const v4 = device["ipv4.address"];
  if (v4 && v4 !== "none") checkIpv4(v4, network);
  const v6 = device["ipv6.address"];
  if (v6 && v6 !== "none" && !isTrue(network.config["ipv6.dhcp.stateful"])) {
    throw failure(
      `Cannot specify "ipv6.address" when DHCP or "ipv6.dhcp.stateful" are disabled (unless using security.ipv6_filtering) on network "${network.name}"`,
    );
  }
}

function checkIpv4(address: string, network: NetworkRecord): void {
  const subnet = subnetOf(network.config["ipv4.address"]);
  const hasDhcp = subnet !== undefined && (!network.config["ipv4.dhcp"] || isTrue(network.config["ipv4.dhcp"]));
  if (!hasDhcp) {
    throw failure(
      `Cannot specify "ipv4.address" when DHCP is disabled (unless using security.ipv4_filtering) on network "${network.name}"`,
    );
  }
  if (!isIPv4(address) || !contains(subnet, address)) {
    throw failure(`Device IP address ${JSON.stringify(address)} not within network "${network.name}" subnet`);
  }
  if (address === subnet.address) {
    throw failure(`IP address "${address}" is assigned to parent managed network device ""`);
  }
}
