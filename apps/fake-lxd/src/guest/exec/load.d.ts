import type { Program } from "../core/control.ts";
import type { ProgramLoader } from "../core/machine.ts";
/** By name; undefined for what is no applet. */
export type AppletFinder = (name: string) => Program | undefined;
/**
 * The loader checks that the file can be executed and makes the process its: argv, environment, descriptors, signals, ids. It returns what it
 * runs. Throws ENOENT, EACCES, ENOTDIR, ENOEXEC, ELOOP as Linux would, with nothing changed.
 */
export declare function createLoader(findApplet: AppletFinder): ProgramLoader;
