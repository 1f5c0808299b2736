import type { Builtin } from "../shell.ts";
export declare const jobs: Builtin;
/** Waits for all jobs, or those named. A trapped signal ends it with 128 and the signal's number. */
export declare const wait: Builtin;
export declare const kill: Builtin;
export declare const fg: Builtin;
export declare const bg: Builtin;
