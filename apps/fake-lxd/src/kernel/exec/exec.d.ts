import type { Daemon } from "../daemon.ts";
import type { Machine } from "../instances/machine.ts";
import type { Operation } from "../operations.ts";
import type { InstanceRecord } from "../records.ts";
export interface ExecRequest {
    command: string[];
    environment: Record<string, string>;
    waitForWebsocket: boolean;
    recordOutput: boolean;
    interactive: boolean;
    width: number;
    height: number;
    user: number;
    group: number;
    cwd: string;
}
/** Throws 400 unless commands can run in it. */
export declare function runningMachine(instance: InstanceRecord): Machine;
/** The operation's resources name the instance; its metadata carry the secrets of the websockets. */
export declare function execInstance(daemon: Daemon, instance: InstanceRecord, request: ExecRequest): Promise<Operation>;
