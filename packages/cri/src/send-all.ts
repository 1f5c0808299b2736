/** Writes what an iterable yields to a gRPC stream, no faster than the other end reads. */

import type { Writable } from "node:stream";

/**
 * Resolves when all is sent. Rejects with the signal's reason on abort, once the iterable notices it or yields; its `return` is
 * called then.
 */
export async function sendAll(
  messages: AsyncIterable<unknown>,
  stream: Writable,
  signal: AbortSignal,
  encode: (message: unknown) => Buffer,
): Promise<void> {
  for await (const message of messages) {
    signal.throwIfAborted();
    await send(stream, encode(message), signal);
  }
}

/** gRPC never reports on a write to a call that was cancelled, hence the signal. */
function send(stream: Writable, bytes: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason as Error);
    signal.addEventListener("abort", giveUp, { once: true });
    stream.write(bytes, (error) => {
      signal.removeEventListener("abort", giveUp);
      if (error) reject(error);
      else resolve();
    });
  });
}
