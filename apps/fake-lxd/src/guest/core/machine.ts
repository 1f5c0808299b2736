/** What all guests of a daemon share: time, chance, the table of all processes. */
import type { Clock, Host, Random } from "../../platform/types.ts";
import type { Program } from "./control.ts";
import { FilesInFlight } from "./files-in-flight.ts";
import { PidNamespace } from "./pid-namespace.ts";
import type { Process } from "./process.ts";

/** Above the largest pid of Linux, so that nobody hits a host process with one of ours. */
const firstHostPid = 4_194_305;

/** Makes a file a process's program, as execve does; throws an Errno with nothing changed. */
export type ProgramLoader = (process: Process, path: string, argv: string[], env: Map<string, string>) => Program;

export class Machine {
  readonly loadProgram: ProgramLoader;
  readonly clock: Clock;
  readonly random: Random;
  readonly host: Host;
  readonly kernelVersion: string;
  readonly architecture: string;
  readonly log: (line: string) => void;
  /** Sees every process, by its host number. */
  readonly hostPids = new PidNamespace(true);
  readonly filesInFlight = new FilesInFlight();
  readonly bootMs: number;
  /** The uid that the fake runs as on the real host. */
  readonly ownUid: number;
  #nextPid = firstHostPid;
  #nextTerminal = 0;

  constructor(options: {
    clock: Clock;
    random: Random;
    host: Host;
    kernelVersion: string;
    architecture: string;
    log?: ((line: string) => void) | undefined;
    loadProgram: ProgramLoader;
  }) {
    this.loadProgram = options.loadProgram;
    this.clock = options.clock;
    this.random = options.random;
    this.host = options.host;
    this.kernelVersion = options.kernelVersion;
    this.architecture = options.architecture;
    this.log = options.log ?? (() => {});
    this.bootMs = options.clock.now();
    this.ownUid = process.geteuid?.() ?? 0;
  }

  readonly now = (): number => this.clock.now();

  newPid(): number {
    return this.#nextPid++;
  }

  newTerminalName(): string {
    return `/dev/pts/${this.#nextTerminal++ % 1000}`;
  }

  /** Lets the rest of the Node process run: timers, sockets, other guests. */
  yieldNow(): Promise<void> {
    return new Promise((resolve) => this.clock.yield(resolve));
  }

  allProcesses(): Iterable<Process> {
    return this.hostPids.processes();
  }

  randomBytes(count: number): Buffer {
    const bytes = Buffer.alloc(count);
    for (let index = 0; index < count; index++) bytes[index] = Math.floor(this.random.next() * 256);
    return bytes;
  }
}
