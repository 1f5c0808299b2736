import type { NetworkRecord } from "../records.ts";
export declare function checkBridgedAddresses(device: Record<string, string>, network: NetworkRecord | undefined): void;
