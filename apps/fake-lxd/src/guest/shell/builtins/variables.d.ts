import type { Builtin } from "../shell.ts";
export declare const exportVariables: Builtin;
export declare const readonlyVariables: Builtin;
export declare const local: Builtin;
export declare const unset: Builtin;
export declare const letBuiltin: Builtin;
export declare const alias: Builtin;
export declare const unalias: Builtin;
