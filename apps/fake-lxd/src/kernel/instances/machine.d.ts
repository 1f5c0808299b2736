/**
 * A running container and its monitor. In reality these are processes beside the daemon: they, and what they write into
 * lxc.log, live on when the daemon dies. What the daemon does at a container's end is in `end.ts`.
 *
 *     running <-> frozen        (stop, exit, kill) -> stopping -> gone (`InstanceRecord.machine` is null again)
 */
import type { Guest, GuestExit } from "../../guest/types.ts";
import type { LxcSettings } from "../raw-lxc/settings.ts";
import type { InstanceRecord } from "../records.ts";
import type { World } from "../world.ts";
import { ConsoleBuffer } from "./console-buffer.ts";
export type MachinePhase = "running" | "frozen" | "stopping";
/** Why init is going to end, when somebody asked for it. */
export type StopReason = "forced" | "graceful" | "restart";
export declare class Machine {
    readonly guest: Guest;
    readonly settings: LxcSettings;
    readonly console: ConsoleBuffer | null;
    /** Listeners of proxy devices, by device name. */
    readonly proxies: Map<string, AsyncDisposable>;
    /** Resolves when the monitor has written the exit into lxc.log. */
    readonly ended: Promise<GuestExit>;
    /** Resolves when nothing of it is left and the instance can start again. */
    readonly gone: Promise<void>;
    readonly markGone: () => void;
    phase: MachinePhase;
    stopReason: StopReason | undefined;
    constructor(guest: Guest, settings: LxcSettings, onExit: (exit: GuestExit) => void);
}
/** `lxc <name> <time> INFO     error - ...`: nothing for exit code 0. */
export declare function exitLogLine(name: string, pid: number, exit: GuestExit, nowMs: number): string | undefined;
/** The monitor's part of an exit. */
export declare function logExit(world: World, instance: InstanceRecord, machine: Machine, exit: GuestExit): void;
