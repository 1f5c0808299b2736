import type { Builtin } from "../shell.ts";
export declare const breakLoop: Builtin;
export declare const continueLoop: Builtin;
/** Outside of functions and sourced files it ends the shell. */
export declare const returnFrom: Builtin;
export declare const exit: Builtin;
export declare const shift: Builtin;
export declare const evalText: Builtin;
export declare const dot: Builtin;
