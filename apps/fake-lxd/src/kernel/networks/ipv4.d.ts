export interface Subnet {
    /** The bridge's own address. */
    address: string;
    prefix: number;
    /** First address of the subnet. */
    base: number;
    /** Number of addresses. */
    size: number;
}
export declare function toNumber(address: string): number;
export declare function toAddress(number: number): string;
/** Of `a.b.c.d/n`; undefined for `none`, `auto` and nonsense. */
export declare function subnetOf(cidr: string | undefined): Subnet | undefined;
export declare function contains(subnet: Subnet, address: string): boolean;
export declare function overlaps(a: Subnet, b: Subnet): boolean;
