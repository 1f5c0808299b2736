import type { Builtin } from "../shell.ts";
export declare const type: Builtin;
export declare const command: Builtin;
export declare const hash: Builtin;
