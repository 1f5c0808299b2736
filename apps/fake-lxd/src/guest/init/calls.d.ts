import type { Process } from "../core/process.ts";
import type { InitImage } from "./image.ts";
import { type CallName } from "./numbers.ts";
export type InitCall = (process: Process, args: bigint[], image: InitImage) => number | Promise<number>;
export declare function int(value: bigint | undefined): number;
export declare function pointer(value: bigint | undefined): bigint;
export declare const initCalls: Record<CallName, InitCall>;
