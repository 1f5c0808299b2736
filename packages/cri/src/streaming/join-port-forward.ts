/** Copies between a forwarded connection and its backend, until both are done. */

import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type StreamingClock, systemClock } from "./clock.ts";
import { halfClosedQuietMs } from "./limits.ts";
import type { PortForwardPair } from "./session.ts";

/**
 * Owns `backend` and `pair` from here on; resolves when both are closed, never rejects. Ends of one direction are passed on. Clients
 * cannot tell us that they have closed both, so once one direction has ended, and the other is quiet, it ends too. A connection that
 * breaks is no failure of forwarding: clients would end all their forwarding over it.
 */
export async function joinPortForward(
  pair: PortForwardPair,
  backend: Duplex,
  { clock = systemClock }: { clock?: Pick<StreamingClock, "setTimeout"> } = {},
): Promise<void> {
  const traffic = new Traffic();
  const inbound = pipeline(pair.data, traffic.count, backend);
  const outbound = pipeline(backend, traffic.count, pair.data);
  const both = Promise.allSettled([inbound, outbound]);
  await Promise.race([inbound, outbound]).catch(() => {});
  await Promise.race([both, traffic.quiet(clock, both)]);
  await pair.finish();
  backend.destroy();
}

class Traffic {
  #chunks = 0;

  /** A pass-through for `pipeline`. */
  readonly count = async function* (this: Traffic, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      this.#chunks++;
      yield chunk;
    }
  }.bind(this);

  /** Resolves when nothing has moved for a while, or `done` has. */
  quiet(clock: Pick<StreamingClock, "setTimeout">, done: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      let timer: { cancel(): void };
      const wait = (seen: number): void => {
        timer = clock.setTimeout(() => (this.#chunks === seen ? resolve() : wait(this.#chunks)), halfClosedQuietMs);
      };
      wait(this.#chunks);
      void done.then(() => timer.cancel());
    });
  }
}
