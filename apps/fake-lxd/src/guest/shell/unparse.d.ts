/** A short text of a command, for `jobs`. */
import type { Chain } from "./ast.ts";
export declare function sourceOf({ first, rest }: Chain): string;
