import type { Process } from "../core/process.ts";
import type { Generated } from "./generated-fs.ts";
/** What is below /proc/sys at this path. */
export declare function sysctlAt(path: string[], viewer: Process): Generated | undefined;
