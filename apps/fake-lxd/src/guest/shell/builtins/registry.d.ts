import type { Builtin } from "../shell.ts";
export declare const builtins: ReadonlyMap<string, Builtin>;
/** Assignments before them stay. */
export declare const specialBuiltins: ReadonlySet<string>;
