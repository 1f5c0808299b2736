/** What a list of LXC lines amounts to: scalars by the last line, lists in order, an empty value clears. */
import type { LxcLine } from "./lines.ts";
import { type MountEntry } from "./mount-entry.ts";
export type SharedNamespace = "net" | "ipc" | "uts" | "pid" | "user";
export interface LxcNetwork {
    addresses: string[];
    gateway: string | undefined;
}
export interface LxcSettings {
    initArgv: string[];
    uid: number;
    gid: number;
    cwd: string;
    hostname: string;
    environment: Record<string, string>;
    capKeep: string[] | undefined;
    capDrop: string[];
    noNewPrivs: boolean;
    /** Empty: no seccomp filter. */
    seccompProfile: string;
    apparmorProfile: string | undefined;
    console: "pty" | "none";
    haltSignal: number | undefined;
    stopSignal: number;
    /** Only from `info` on does the log say how init ended. */
    logsExit: boolean;
    share: Partial<Record<SharedNamespace, string>>;
    mounts: MountEntry[];
    sysctls: Record<string, string>;
    oomScoreAdj: number | undefined;
    rootfsReadonly: boolean;
    cgroupPath: string | undefined;
    /** By the index of the nic in lxc.conf. */
    networks: Map<number, LxcNetwork>;
    cgroup: Record<string, string>;
    hasStopHook: boolean;
}
export declare function interpretLines(input: readonly LxcLine[], name: string): LxcSettings;
