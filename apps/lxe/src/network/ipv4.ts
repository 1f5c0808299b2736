/** IPv4 addresses as numbers. Pure. */

export interface Subnet {
  readonly gateway: number;
  readonly prefix: number;
  /** First and last address that a pod may have. */
  readonly first: number;
  readonly last: number;
}

export function parseIpv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** The subnet of a bridge from its `ipv4.address` (`10.78.0.1/24`); undefined if that is none. */
export function parseSubnet(
  cidr: string,
  range?: { readonly first: number; readonly last: number },
): Subnet | undefined {
  const [address = "", length = ""] = cidr.split("/");
  const gateway = parseIpv4(address);
  const prefix = Number(length);
  if (gateway === undefined || !/^\d+$/.test(length) || prefix > 30) return undefined;
  const size = 2 ** (32 - prefix);
  const network = gateway - (gateway % size);
  return { gateway, prefix, first: range?.first ?? network + 1, last: range?.last ?? network + size - 2 };
}

export function broadcastOf({ gateway, prefix }: Subnet): number {
  const size = 2 ** (32 - prefix);
  return gateway - (gateway % size) + size - 1;
}

/**
 * An address that is not in use, searched onwards from `start` so that a released address is not given out again at once:
 * neighbours still have the old owner's hardware address.
 */
export function nextFree(
  { gateway, first, last }: Subnet,
  start: number,
  used: ReadonlySet<number>,
): number | undefined {
  const count = last - first + 1;
  for (let step = 0; step < count; step++) {
    const candidate = first + ((((start - first + step) % count) + count) % count);
    if (candidate !== gateway && !used.has(candidate)) return candidate;
  }
  return undefined;
}
