/** Copies between a forwarded connection and its backend, until both are done. */

import type { Duplex } from "node:stream";
import { finished } from "node:stream/promises";
import { type StreamingClock, systemClock } from "./clock.ts";
import { halfClosedQuietMs } from "./limits.ts";
import type { PortForwardPair } from "./session.ts";

/**
 * Owns `backend` and `pair` from here on; resolves when both are closed, never rejects. Ends of one direction are passed on. Clients
 * cannot tell us that they have closed both, so once one direction has ended, and the other is quiet for 10 s, it ends too. A
 * connection that breaks is no failure of forwarding: clients would end all their forwarding over it.
 */
export async function joinPortForward(
  pair: PortForwardPair,
  backend: Duplex,
  { clock = systemClock }: { clock?: Pick<StreamingClock, "setTimeout"> } = {},
): Promise<void> {
  const { data } = pair;
  const quiet = new Quiet(clock, [data, backend]);
  backend.on("error", () => {});
  data.pipe(backend);
  backend.pipe(data);
  const inbound = finished(data, { writable: false });
  const outbound = finished(backend, { writable: false });
  void Promise.race([inbound, outbound]).then(
    () => quiet.watch(),
    () => {},
  );
  const all = Promise.all([inbound, outbound, finished(backend)]);
  await Promise.race([all.catch(() => {}), closeOf(data), closeOf(backend), quiet.reached]);
  quiet.stop();
  await pair.finish();
  backend.destroy();
}

function closeOf(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) resolve();
    else stream.once("close", () => resolve());
  });
}

/** Notices that streams give no more chunks. */
class Quiet {
  readonly #clock: Pick<StreamingClock, "setTimeout">;
  readonly #reached = Promise.withResolvers<void>();
  #chunks = 0;
  #timer: { cancel(): void } | undefined;
  #stopped = false;

  constructor(clock: Pick<StreamingClock, "setTimeout">, streams: readonly Duplex[]) {
    this.#clock = clock;
    for (const stream of streams) {
      stream.on("data", () => {
        this.#chunks++;
      });
    }
  }

  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  watch(): void {
    if (this.#stopped) return;
    const seen = this.#chunks;
    this.#timer = this.#clock.setTimeout(() => {
      if (this.#chunks === seen) this.#reached.resolve();
      else this.watch();
    }, halfClosedQuietMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }
}
