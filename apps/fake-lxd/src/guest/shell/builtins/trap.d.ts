import type { Builtin } from "../shell.ts";
export declare const trap: Builtin;
