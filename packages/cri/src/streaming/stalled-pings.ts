/** A connection that is not read does not tell that its client has vanished; one that is written to does. */

import type { StreamingClock } from "./clock.ts";
import { stalledPingMs } from "./limits.ts";

export class StalledPings {
  readonly #clock: StreamingClock;
  readonly #ping: () => void;
  #timer: { cancel(): void } | undefined;

  /** `ping` shall write something, unless what was written before still waits. */
  constructor(clock: StreamingClock, ping: () => void) {
    this.#clock = clock;
    this.#ping = ping;
  }

  start(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#ping();
      this.start();
    }, stalledPingMs);
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
