/** One started instance. */
import type { Duplex } from "node:stream";
import { Cgroup } from "../core/cgroup.ts";
import type { Machine } from "../core/machine.ts";
import type { Namespaces } from "../core/namespaces.ts";
import { Process } from "../core/process.ts";
import {
  type Guest,
  type GuestExecSpec,
  type GuestExit,
  type GuestInterfaceState,
  type GuestLimits,
  type GuestMount,
  type GuestProcess,
  type GuestSpec,
} from "../types.ts";
import { FileAccess } from "../vfs/file-access.ts";
import { locate } from "../vfs/walk.ts";
import { Console } from "./console.ts";
import type { GuestMounts } from "./mounts.ts";
export declare class RunningGuest implements Guest {
  #private;
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<GuestExit>;
  readonly files: FileAccess;
  readonly console: Console | null;
  readonly init: Process;
  readonly namespaces: Namespaces;
  readonly cgroup: Cgroup;
  readonly spec: GuestSpec;
  readonly machine: Machine;
  readonly mounts: GuestMounts;
  constructor(machine: Machine, spec: GuestSpec, namespaces: Namespaces, mounts: GuestMounts);
  get running(): boolean;
  /** Makes init its program. Throws a `GuestStartError` when it cannot be executed. */
  startInit(): void;
  /** A directory of the guest, or its root when it is missing. */
  directory(path: string): ReturnType<typeof locate>;
  exec(spec: GuestExecSpec): Promise<GuestProcess>;
  kill(signal: number): void;
  freeze(): void;
  unfreeze(): void;
  processes(): {
    pid: number;
    argv: string[];
  }[];
  usage(): {
    memoryBytes: number;
    memoryPeakBytes: number;
    cpuNs: number;
  };
  setLimits({ memoryBytes, pids }: GuestLimits): void;
  mount(mount: GuestMount): Promise<void>;
  unmount(target: string): Promise<void>;
  networkState(): GuestInterfaceState[];
  connect(port: number, address?: string): Promise<Duplex>;
  listen(port: number, address: string, onConnection: (connection: Duplex) => void): Promise<Disposable>;
  /** Everything in its cgroup, at once. */
  destroy(): void;
}
