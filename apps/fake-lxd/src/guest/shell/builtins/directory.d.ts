import type { Builtin } from "../shell.ts";
export declare const cd: Builtin;
export declare const pwd: Builtin;
