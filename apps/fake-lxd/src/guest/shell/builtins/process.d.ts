import type { Builtin } from "../shell.ts";
export declare const umask: Builtin;
/** Limits can be read; setting one to what it is succeeds, others are refused. */
export declare const ulimit: Builtin;
export declare const times: Builtin;
