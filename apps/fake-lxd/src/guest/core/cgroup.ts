/** The processes of one guest, exec'd ones included: limits, freezer, and a plausible account of what they use. */
import { WaitQueue } from "./wait-queue.ts";
import { SIGKILL } from "./signals.ts";
import type { Process } from "./process.ts";
import type { Tty } from "./tty.ts";

/** A small program's share of memory. */
const processBytes = 640 * 1024;
const cpuNsPerCall = 2_000;

export class Cgroup {
  readonly path: string;
  readonly processes = new Set<Process>();
  readonly thawed = new WaitQueue();
  /** What /dev/console is to these processes, whatever their own terminal. */
  console: Tty | undefined;
  /** Something changed that an observer of the guest may care about. */
  frozen = false;
  memoryLimitBytes: number | undefined;
  pidsLimit: number | undefined;
  peakBytes = 0;
  oomKills = 0;
  cpuNs = 0;

  readonly #log: (line: string) => void;

  constructor(path: string, log: (line: string) => void) {
    this.path = path;
    this.#log = log;
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
      this.#log(oomLine(this.path, victim));
      victim.signal(SIGKILL, "host");
    }
  }
}

function oomLine(path: string, victim: Process): string {
  const group = `/${path.replace(/^\/+/, "")}`;
  return `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),oom_memcg=${group},task_memcg=${group},pid=${victim.hostPid}`;
}

/** Ends what a guest's init leaves behind in a PID namespace that is not its own. */
export function killAll(cgroup: Cgroup): void {
  for (const process of cgroup.processes) process.signal(SIGKILL, "host");
}

function larger(a: Process | undefined, b: Process): Process {
  return a && a.allocatedBytes >= b.allocatedBytes ? a : b;
}
