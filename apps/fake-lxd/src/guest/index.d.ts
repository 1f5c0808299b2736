import { type GuestKernel, type GuestKernelOptions } from "./types.ts";
export { busyboxEntries, createBusyboxTree } from "./image/busybox-tree.ts";
export * from "./types.ts";
export declare function createGuestKernel(options: GuestKernelOptions): GuestKernel;
