import { type Program } from "../core/control.ts";
import { type ExitStatus, Process } from "../core/process.ts";
import { ProcessGroup } from "../core/process-group.ts";
/** A child that runs `program` with copies of everything. EAGAIN at the guest's limit. */
export declare function fork(
  parent: Process,
  program: Program,
  options?: {
    group?: ProcessGroup;
    keepHandlers?: boolean;
  },
): Process;
/** Never returns: the process goes on with the file's program. Throws an Errno, with nothing changed, when it cannot. */
export declare function execve(
  process: Process,
  path: string,
  argv: string[],
  env: Map<string, string>,
): Promise<never>;
/** Fork and exec in one. Throws, without a child, when the file cannot be executed. */
export declare function spawn(parent: Process, path: string, argv: string[], env?: Map<string, string>): Process;
export interface Waited {
  child: Process;
  status: ExitStatus;
}
/**
 * Waits for one of `children()` to end and reaps it. ECHILD when there is none. With `noHang` null when none has ended. EINTR when a
 * signal was handled meanwhile.
 */
export declare function waitFor(
  process: Process,
  wanted: (child: Process) => boolean,
  noHang?: boolean,
): Promise<Waited | null>;
/** Waits for this child, whatever signals come meanwhile. */
export declare function waitForEnd(process: Process, child: Process): Promise<ExitStatus>;
/** The number that `$?` and exec's result give it. */
export declare function exitCode(status: ExitStatus): number;
/** kill(2), with pid 0, -1 and groups. */
export declare function kill(process: Process, pid: number, signal: number): void;
/** EPERM for a group's leader. */
export declare function setsid(process: Process): void;
/** A group of its own in the same session. */
export declare function setpgid(process: Process): void;
export declare function setUid(process: Process, uid: number): void;
export declare function ignoresChildren(process: Process): boolean;
