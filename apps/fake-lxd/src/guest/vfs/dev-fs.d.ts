import { MemFs } from "./mem-fs.ts";
export declare function createDevFs(now: () => number): MemFs;
