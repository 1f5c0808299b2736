import type { Process } from "../core/process.ts";
/** Matching paths in byte order; empty when there are none. */
export declare function glob(process: Process, pattern: string): string[];
