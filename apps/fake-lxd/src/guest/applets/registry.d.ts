/** All applets by name, and how a process becomes one. */
import type { Program } from "../core/control.ts";
export declare function appletNames(): string[];
/** The program of this name; `busybox` takes its first argument as the name. Undefined for names that nobody knows. */
export declare function findApplet(name: string): Program | undefined;
