/** Which proxy a request goes through, by the variables that all tools know. Pure. */
import { BlockList, isIP } from "node:net";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * From HTTP_PROXY or HTTPS_PROXY by the URL's scheme, in capitals or not; undefined: straight. Loopback addresses and what NO_PROXY
 * names (names with all below them, addresses, networks as 10.0.0.0/8, each perhaps with a port, or `*`) have none.
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const proxy = variable(environment, url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (proxy === "" || isExcluded(url, variable(environment, "NO_PROXY"))) return undefined;
  const address = /^[a-z][a-z0-9+.-]*:\/\//iu.test(proxy) ? proxy : `http://${proxy}`;
  return URL.canParse(address) ? new URL(address) : undefined;
}

function variable(environment: Environment, name: string): string {
  return environment[name] || environment[name.toLowerCase()] || "";
}

function isExcluded(url: URL, list: string): boolean {
  const host = url.hostname.replaceAll(/^\[|\]$/gu, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  if (host === "localhost" || (isIP(host) !== 0 && isInNetwork(host, isIP(host) === 4 ? "127.0.0.0/8" : "::1/128"))) {
    return true;
  }
  return list.split(/[\s,]+/u).some((pattern) => pattern !== "" && matches(pattern.toLowerCase(), host, port));
}

function matches(pattern: string, host: string, port: string): boolean {
  if (pattern === "*" || isInNetwork(host, pattern)) return true;
  const [, name = "", onlyPort] = /^(.*?)(?::(\d+))?$/u.exec(isIP(pattern) === 6 ? `[${pattern}]` : pattern) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const bare = name.replace(/^\*?\./u, "").replaceAll(/^\[|\]$/gu, "");
  return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`));
}

function isInNetwork(host: string, network: string): boolean {
  const [, address = "", bits = ""] = /^(.*)\/(\d{1,3})$/u.exec(network) ?? [];
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(address, Number(bits), type);
  return list.check(host, type);
}
