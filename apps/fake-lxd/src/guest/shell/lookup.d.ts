import type { Process } from "../core/process.ts";
/** The path of an executable file; throws EACCES when there are only others, ENOENT when there is nothing. */
export declare function findProgram(process: Process, name: string, path: string): string;
