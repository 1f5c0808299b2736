/** The processes of one guest, exec'd ones included: limits, freezer, and a plausible account of what they use. */
import { WaitQueue } from "./wait-queue.ts";
import type { Process } from "./process.ts";
export declare class Cgroup {
  readonly path: string;
  readonly processes: Set<Process>;
  readonly thawed: WaitQueue;
  /** Something changed that an observer of the guest may care about. */
  frozen: boolean;
  memoryLimitBytes: number | undefined;
  pidsLimit: number | undefined;
  peakBytes: number;
  oomKills: number;
  cpuNs: number;
  constructor(path: string);
  freeze(): void;
  thaw(): void;
  get full(): boolean;
  get memoryBytes(): number;
  countCall(): void;
  /** After an allocation: beyond the limit the largest process is killed, as the OOM killer would. */
  checkMemory(): void;
}
