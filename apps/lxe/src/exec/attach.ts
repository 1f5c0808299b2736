/**
 * Sends a running container's output to a client that is attached to it. The output goes into the log whether somebody is
 * attached or not; here it is copied. Detaching changes nothing for the container.
 */

import type { Writable } from "node:stream";
import { type CriError, UnavailableError } from "@lxe/cri";
import type { AttachSession } from "@lxe/cri/streaming";
import type { Context } from "../context.ts";
import { type ContainerRecord, hasEnded } from "../model/records.ts";

/** Of output that waits for one client. A client that reads more slowly than that is left behind, as the app must not wait for it. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;

type AttachContext = Pick<Context, "logs" | "index">;

/** Resolves when the container has ended or the client has gone. @throws UnavailableError for a client that is too slow. */
export async function attachToOutput(
  { logs, index }: AttachContext,
  container: ContainerRecord,
  client: AttachSession,
  signal: AbortSignal,
): Promise<void> {
  const pump = await logs.open(container);
  const slow = new AbortController();
  const send = (stream: Writable | undefined, bytes: Uint8Array): void => {
    if (!stream || stream.destroyed || slow.signal.aborted) return;
    if (stream.writableLength + bytes.byteLength > WAITING_BYTES_MAX) slow.abort(tooSlow());
    else stream.write(Buffer.from(bytes));
  };
  const leave = pump.subscribe((name, bytes) => send(client[name], bytes));
  client.stdin?.resume();
  try {
    await index.waitForContainer(container.id, hasEnded, AbortSignal.any([signal, slow.signal]));
  } catch (error) {
    if (!signal.aborted) throw error;
    return;
  } finally {
    leave();
  }
  // what the app wrote last was sent before its end was recorded; `finish` delivers it
  await client.finish({ exitCode: 0 });
}

function tooSlow(): CriError {
  return new UnavailableError("the client reads too slowly to stay attached");
}
