/** DNS and host names of a pod as file contents. Pure. */

import type { DNSConfig } from "@lxe/cri";

/** `/etc/resolv.conf` for a DNS config; the kubelet has resolved the pod's policy already. */
export function resolvConf(dns: DNSConfig): string {
  const lines = [
    ...(dns.searches.length > 0 ? [`search ${dns.searches.join(" ")}`] : []),
    ...dns.servers.map((server) => `nameserver ${server}`),
    ...(dns.options.length > 0 ? [`options ${dns.options.join(" ")}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** `/etc/hosts` of a pod that nobody else writes one for; a kubelet mounts its own over it. */
export function hostsFile(hostname: string, addresses: readonly string[]): string {
  const lines = [
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::0\tip6-localnet",
    "ff02::1\tip6-allnodes",
    "ff02::2\tip6-allrouters",
    ...addresses.map((address) => `${address}\t${hostname}`),
  ];
  return `${lines.join("\n")}\n`;
}
