/** IPv4 addresses as numbers. Pure. */

export interface Subnet {
  readonly gateway: number;
  readonly prefix: number;
  /** First and last address that a pod may have. */
  readonly first: number;
  readonly last: number;
}

const [DOT, ZERO, NINE] = [46, 48, 57];

/** By hand: for each new pod, the addresses of all others are read. */
export function parseIpv4(text: string): number | undefined {
  let [value, part, digits, dots] = [0, 0, 0, 0];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= ZERO && code <= NINE) {
      digits += 1;
      part = part * 10 + code - ZERO;
      if (digits > 3 || part > 255) return undefined;
    } else {
      if (code !== DOT || digits === 0) return undefined;
      dots += 1;
      value = value * 256 + part;
      part = 0;
      digits = 0;
    }
  }
  return dots === 3 && digits > 0 ? value * 256 + part : undefined;
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
