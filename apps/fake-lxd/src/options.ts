/** What `startFakeLxd` takes and gives. */
import type { Duplex } from "node:stream";
import type { Clock, Host, Random } from "./platform/types.ts";
import type { Rule, Rules } from "./rules/types.ts";
import type { Timing } from "./limits.ts";

export interface FakeLxdOptions {
  /** Where to listen. Default: a socket in a fresh temporary directory that `close()` removes. */
  socketPath?: string;
  /** For ids, secrets, addresses and probabilities. Default: chosen anew; see `FakeLxd.seed`. */
  seed?: number;
  clock?: Clock;
  /** Instead of a source made from `seed`. */
  random?: Random;
  /** Files and sockets that guests reach by bind mounts. Default: the real ones. */
  host?: Host;
  /** Rules from the start on. */
  faults?: readonly Rule[];
  /** File that gets the lines which the host's kernel log (/dev/kmsg) would get, such as OOM kills. Default: nowhere. */
  kernelLog?: string | undefined;
  /** How long things take. Default `quick`: no longer than needed to be seen. `real`: as LXD 5.0.2, stalls included. */
  timing?: "quick" | "real" | Timing;
}

export interface MemoryLxdOptions extends Pick<FakeLxdOptions, "random" | "timing"> {
  seed: number;
  clock: Clock;
  host: Host;
}

export interface FakeLxd extends AsyncDisposable {
  readonly socketPath: string;
  readonly seed: number;
  readonly rules: Rules;
  /** False between `crash()` and `restart()`. */
  readonly running: boolean;
  /** The daemon dies as by SIGKILL: connections are cut, operations forgotten. State is kept and guests run on. */
  crash(): Promise<void>;
  /** The daemon comes back on the same socket; crashes it first if it runs. Stopped instances may be autostarted, as LXD does. */
  restart(): Promise<void>;
  /** What a process of the host would get that connects to an address of a guest, which the real host has no way to. */
  connect(address: string, port: number): Promise<Duplex>;
  /** Ends the daemon and all guests. */
  close(): Promise<void>;
}
