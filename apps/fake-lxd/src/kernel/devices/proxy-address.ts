/** Addresses of proxy devices: `tcp:1.2.3.4:80-82,90`, `tcp:[::1]:80`, `unix:/path`. */
import { isIP } from "node:net";

export interface ProxyAddress {
  protocol: "tcp" | "udp" | "unix";
  /** Empty for every address; the path for `unix`. */
  host: string;
  ports: number[];
}

function portsOf(text: string): number[] | undefined {
  const ports: number[] = [];
  for (const part of text.split(",")) {
    const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (from === undefined) return undefined;
    for (let port = Number(from); port <= Number(to ?? from); port++) ports.push(port);
  }
  return ports;
}

/** LXD's text when the address is wrong. */
export function parseProxyAddress(text: string): ProxyAddress | { wrong: string } {
  const colon = text.indexOf(":");
  const protocol = colon < 0 ? text : text.slice(0, colon);
  const rest = colon < 0 ? "" : text.slice(colon + 1);
  if (protocol === "unix") return { protocol, host: rest, ports: [] };
  if (protocol !== "tcp" && protocol !== "udp") return { wrong: `Unknown protocol type ${JSON.stringify(protocol)}` };
  const [, bracketed, plain, portText = ""] = /^(?:\[([^\]]*)\]|([^:]*)):(.*)$/.exec(rest) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) return { wrong: `address ${rest}: missing port in address` };
  if (host !== "" && !isIP(host)) return { wrong: `Not an IP address ${JSON.stringify(host)}` };
  const ports = portsOf(portText);
  if (ports === undefined) return { wrong: `Invalid port range ${JSON.stringify(portText)}` };
  return { protocol, host, ports };
}

export function checkProxyAddress(text: string): string | undefined {
  const parsed = parseProxyAddress(text);
  return "wrong" in parsed ? parsed.wrong : undefined;
}
