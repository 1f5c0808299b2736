/** The namespaces of a process except the mount and pid ones. */
import type { MemFs } from "../vfs/mem-fs.ts";
import type { NetNamespace } from "../net/namespace.ts";
import type { PidNamespace } from "./pid-namespace.ts";
export interface UtsNamespace {
  readonly id: number;
  hostname: string;
}
export interface IpcNamespace {
  readonly id: number;
  readonly isHost: boolean;
  /** Below /proc/sys, dotted. */
  readonly sysctls: Map<string, string>;
  /** /dev/shm */
  readonly shm: MemFs;
}
export interface UserNamespace {
  readonly id: number;
  /** Host id of id 0. */
  readonly base: number;
  readonly size: number;
  readonly isHost: boolean;
}
export interface Namespaces {
  readonly pid: PidNamespace;
  readonly uts: UtsNamespace;
  readonly ipc: IpcNamespace;
  readonly user: UserNamespace;
  readonly net: NetNamespace;
}
