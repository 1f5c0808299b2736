import type { Builtin } from "../shell.ts";
export declare const read: Builtin;
