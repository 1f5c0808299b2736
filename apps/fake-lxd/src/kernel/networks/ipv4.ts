/** IPv4 arithmetic on numbers. */
import { isCidr } from "../config/validators.ts";

export interface Subnet {
  /** The bridge's own address. */
  address: string;
  prefix: number;
  /** First address of the subnet. */
  base: number;
  /** Number of addresses. */
  size: number;
}

export function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

/** Of `a.b.c.d/n`; undefined for `none`, `auto` and nonsense. */
export function subnetOf(cidr: string | undefined): Subnet | undefined {
  if (cidr === undefined || !isCidr(cidr, 4)) return undefined;
  const [address = "", prefixText] = cidr.split("/");
  const prefix = Number(prefixText);
  const size = 2 ** (32 - prefix);
  return { address, prefix, base: Math.floor(toNumber(address) / size) * size, size };
}

export function contains(subnet: Subnet, address: string): boolean {
  const number = toNumber(address);
  return number >= subnet.base && number < subnet.base + subnet.size;
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.base < b.base + b.size && b.base < a.base + a.size;
}
