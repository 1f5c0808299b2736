import type { Machine } from "../core/machine.ts";
import type { Namespaces } from "../core/namespaces.ts";
import type { Actor } from "../sys/files.ts";
import { type GuestMount } from "../types.ts";
import { MemFs } from "../vfs/mem-fs.ts";
import { MountTable } from "../vfs/mount.ts";
export declare class GuestMounts {
  #private;
  readonly table: MountTable;
  readonly actor: Actor;
  constructor(machine: Machine, namespaces: Namespaces, root: MemFs, readonly: boolean);
  /** /proc, /sys, /dev and /dev/shm. */
  mountOwn(): void;
  /** Throws a `GuestStartError` with what LXC would log. */
  mount(mount: GuestMount): void;
  /** EINVAL when nothing is mounted there, EBUSY when something is mounted below. */
  unmount(target: string): void;
}
