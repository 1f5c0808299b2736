/** /sys of a guest: its network interfaces, its cgroup's files, the processors. */
import type { Machine } from "../core/machine.ts";
import type { NetNamespace } from "../net/namespace.ts";
import { type Generated, GeneratedFs } from "./generated-fs.ts";
import type { Asker } from "./types.ts";
export declare class SysFs extends GeneratedFs {
  #private;
  readonly type = "sysfs";
  constructor(machine: Machine, net: NetNamespace);
  protected at(path: string, asker: Asker): Generated | undefined;
}
