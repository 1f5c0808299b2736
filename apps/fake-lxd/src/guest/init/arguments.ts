/** Arguments of system calls as the machine passes them: 64-bit words. */
import type { Process } from "../core/process.ts";
import type { InitImage } from "./image.ts";

export type InitCall = (process: Process, args: bigint[], image: InitImage) => number | Promise<number>;

export function int(value: bigint | undefined): number {
  return Number(BigInt.asIntN(32, value ?? 0n));
}

export function pointer(value: bigint | undefined): bigint {
  return value ?? 0n;
}
