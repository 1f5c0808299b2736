/** What /proc says about the machine and the network. */
import type { Machine } from "../core/machine.ts";
import type { Process } from "../core/process.ts";
export declare function uptimeSeconds(machine: Machine): number;
export declare function uptime(machine: Machine): string;
/** As lxcfs shows it: the limit is the size of the machine. */
export declare function memoryOf(process: Process): {
  totalBytes: number;
  usedBytes: number;
};
export declare function meminfo(viewer: Process): string;
export declare function stat(viewer: Process): string;
export declare function netDev(viewer: Process): string;
export declare function netRoute(viewer: Process): string;
export declare function netTcp(viewer: Process): string;
