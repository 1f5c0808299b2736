import type { Config } from "../records.ts";
import type { LxcLine } from "./lines.ts";
import { type MountEntry } from "./mount-entry.ts";
export interface BaseConfigInput {
    name: string;
    project: string;
    /** Expanded. */
    config: Config;
    directory: string;
    logDirectory: string;
    pool: string;
    pid: number;
    /** Of disk devices, in path order. */
    mounts: readonly MountEntry[];
    rootReadonly: boolean;
    nics: readonly {
        name: string;
        hostName: string;
        hwaddr: string;
    }[];
    /** Bytes of the host, for limits in per cent. */
    hostMemoryBytes: number;
}
/** Sources of mount entries that are not passed on to guests. */
export declare const hostMountSources: ReadonlySet<string>;
export declare function memoryLimitBytes(config: Config, hostMemoryBytes: number): number | undefined;
export declare function baseLines(input: BaseConfigInput): LxcLine[];
export declare function renderLines(lines: readonly LxcLine[], rawLxc: string): string;
