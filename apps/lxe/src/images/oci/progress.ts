/** Says in the log how far a pull is. */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { Logger } from "../../platform/logger.ts";

export interface Progress extends Disposable {
  /** The same bytes, counted. */
  count(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
}

/** A line each `everyMs` for as long as it lasts: short pulls say nothing. */
export function createProgress(
  { clock, log }: { readonly clock: Pick<Clock, "setTimeout">; readonly log: Pick<Logger, "info"> },
  fields: Readonly<Record<string, unknown>>,
  totalBytes: number,
  everyMs: number,
): Progress {
  let receivedBytes = 0;
  let timer: Timer;
  const start = (): void => {
    timer = clock.setTimeout(() => {
      log.info({ ...fields, receivedBytes, totalBytes }, "pulling image");
      start();
    }, everyMs);
  };
  start();
  return {
    count: async function* (source) {
      for await (const chunk of source) {
        receivedBytes += chunk.length;
        yield chunk;
      }
    },
    [Symbol.dispose]: () => timer.cancel(),
  };
}
