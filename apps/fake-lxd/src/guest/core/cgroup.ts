/** The processes of one guest, exec'd ones included: limits, freezer, and a plausible account of what they use. */
import { WaitQueue } from "./wait-queue.ts";
import { SIGKILL } from "./signals.ts";
import type { Process } from "./process.ts";

/** A small program's share of memory. */
const processBytes = 640 * 1024;
const cpuNsPerCall = 2_000;

export class Cgroup {
  readonly path: string;
  readonly processes = new Set<Process>();
  readonly thawed = new WaitQueue();
  /** Something changed that an observer of the guest may care about. */
  frozen = false;
  memoryLimitBytes: number | undefined;
  pidsLimit: number | undefined;
  peakBytes = 0;
  oomKills = 0;
  cpuNs = 0;

  constructor(path: string) {
    this.path = path;
  }

  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
    this.thawed.wake();
  }

  get full(): boolean {
    return this.pidsLimit !== undefined && this.processes.size >= this.pidsLimit;
  }

  get memoryBytes(): number {
    let sum = 0;
    for (const process of this.processes) sum += processBytes + process.allocatedBytes;
    return sum;
  }

  countCall(): void {
    this.cpuNs += cpuNsPerCall;
  }

  /** After an allocation: beyond the limit the largest process is killed, as the OOM killer would. */
  checkMemory(): void {
    this.peakBytes = Math.max(this.peakBytes, this.memoryBytes);
    while (this.memoryLimitBytes !== undefined && this.memoryBytes > this.memoryLimitBytes) {
      const victim = [...this.processes].reduce<Process | undefined>(larger, undefined);
      if (!victim) return;
      this.oomKills++;
      victim.signal(SIGKILL, "host");
    }
  }
}

function larger(a: Process | undefined, b: Process): Process {
  return a && a.allocatedBytes >= b.allocatedBytes ? a : b;
}
