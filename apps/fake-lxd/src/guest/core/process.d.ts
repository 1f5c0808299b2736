/**
 * A process of a guest: a program (an async function) with an identity, file descriptors, signals and relatives.
 *
 * It ends in one way: `end` is called, which at once closes its files, tells its parent and makes each sleeping call of its
 * program throw `ProcessGone`. A program that still runs code after that meets the same error at its next call.
 */
import type { Location, MountTable } from "../vfs/mount.ts";
import type { Credentials } from "../vfs/credentials.ts";
import type { View } from "../vfs/walk.ts";
import type { Capabilities } from "./capabilities.ts";
import type { Cgroup } from "./cgroup.ts";
import { type Program } from "./control.ts";
import { FdTable } from "./fd-table.ts";
import { type Machine } from "./machine.ts";
import type { Namespaces } from "./namespaces.ts";
import type { Sleeper } from "./open-file.ts";
import { ProcessGroup } from "./process-group.ts";
import { WaitQueue } from "./wait-queue.ts";
export type ExitStatus =
  | {
      code: number;
    }
  | {
      signal: number;
    };
/** A handler runs when the signal arrives; `restart`: sleeping calls go on instead of failing with EINTR. */
export type Disposition =
  | "default"
  | "ignore"
  | {
      handler: (signal: number) => void;
      restart: boolean;
    };
export interface ProcessOptions {
  machine: Machine;
  cgroup: Cgroup;
  mounts: MountTable;
  namespaces: Namespaces;
  credentials: Credentials;
  capabilities: Capabilities;
  cwd: Location;
  argv: string[];
  env: Map<string, string>;
  parent: Process | null;
  fds?: FdTable;
  umask?: number;
  group?: ProcessGroup;
  noNewPrivs?: boolean;
  seccomp?: boolean;
}
export declare class Process implements Sleeper, View {
  #private;
  readonly machine: Machine;
  readonly cgroup: Cgroup;
  readonly mounts: MountTable;
  readonly namespaces: Namespaces;
  readonly hostPid: number;
  /** In its own pid namespace. */
  readonly pid: number;
  readonly startMs: number;
  parent: Process | null;
  readonly children: Set<Process>;
  group: ProcessGroup;
  credentials: Credentials;
  capabilities: Capabilities;
  cwd: Location;
  umask: number;
  argv: string[];
  env: Map<string, string>;
  comm: string;
  exe: string;
  noNewPrivs: boolean;
  seccomp: boolean;
  readonly fds: FdTable;
  allocatedBytes: number;
  /** Set once it is dead. */
  status: ExitStatus | undefined;
  stopped: boolean;
  /** A child ended, stopped or went on. */
  readonly childChanged: WaitQueue;
  readonly exited: Promise<ExitStatus>;
  constructor(options: ProcessOptions);
  get asker(): Process;
  get dead(): boolean;
  get isInit(): boolean;
  /** Throws when the process is dead. Every call that has an effect starts with it. */
  alive(): void;
  /** As another pid namespace numbers it; 0 when it is not visible there. */
  pidIn(namespaces: Pick<Namespaces, "pid">): number;
  /** Starts the program; the promise of its end is `exited`. */
  run(program: Program): void;
  block<T>(queue: WaitQueue, attempt: () => T | undefined): Promise<T>;
  /** Sleeps until `wake` is called; `subscribe` returns how to give up. EINTR when a signal was handled meanwhile. */
  sleep(subscribe: (wake: () => void) => () => void): Promise<void>;
  /** For a promise of the outside world; its late result is dropped when the process dies first. */
  wait<T>(promise: Promise<T>): Promise<T>;
  /** Sleeps that long by the machine's clock. Throws EINTR when a signal was handled. */
  sleepMs(delayMs: number): Promise<void>;
  /** The start of a call that may sleep: waits while frozen or stopped, and now and then lets others run. */
  call(): Promise<void>;
  disposition(signal: number): Disposition;
  setDisposition(signal: number, disposition: Disposition): void;
  /** For a fork: handlers are inherited as long as nobody replaces them. */
  copyDispositions(from: Process, keepHandlers: boolean): void;
  /** For an exec: handlers are gone, what is ignored stays so. */
  resetHandlers(): void;
  signalsWith(kind: "ignore" | "handler"): number[];
  /** `host`: from outside of the guest. 0 only asks whether it could be sent. */
  signal(signal: number, origin: Process | "host"): void;
  end(status: ExitStatus): void;
  /** Takes its number away; a zombie until then. */
  reap(): void;
}
/** The kernel's short name of a program. */
export declare function commOf(path: string): string;
