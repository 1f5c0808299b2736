/** Writes what an iterable yields to a gRPC stream, no faster than the other end reads. */

import { once } from "node:events";
import type { Writable } from "node:stream";

/**
 * Resolves when all is written. On abort it gives up at once, rejecting with the signal's reason, and has the iterator return,
 * which an iterator that ignores the signal may do late or never.
 */
export async function sendAll(
  messages: AsyncIterable<unknown>,
  stream: Writable,
  signal: AbortSignal,
  encode: (message: unknown) => Buffer,
): Promise<void> {
  for await (const message of messages) {
    signal.throwIfAborted();
    if (!stream.write(encode(message))) await once(stream, "drain", { signal });
  }
}
