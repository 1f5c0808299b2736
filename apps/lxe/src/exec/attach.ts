/**
 * Attaches a client to a running container: it gets the output from now on, and its input goes to the app. The output goes into the
 * log whether somebody is attached or not; here it is copied. Detaching changes nothing for the container.
 */

import type { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { type CriError, UnavailableError } from "@lxe/cri";
import type { AttachSession } from "@lxe/cri/streaming";
import type { Context } from "../context.ts";
import { type ContainerRecord, hasEnded } from "../model/records.ts";
import { passSizes } from "./app-terminal.ts";
import { endInput, giveInput, inputKind } from "./input.ts";

/** Of output that waits for one client. A client that reads more slowly than that is left behind, as the app must not wait for it. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;
/** For what a client that has gone has sent before; after that an app that does not read loses it. */
const INPUT_GRACE_MS = 10_000;

type AttachContext = Pick<Context, "logs" | "index" | "files" | "paths" | "clock">;

/**
 * Resolves when the container has ended or the client has gone. The end of its input means that it goes, as with every runtime (kubectl's detach
 * keys do just that), unless it is the end of the app's input too: what the app makes of that is worth waiting for. @throws UnavailableError for a client that is too slow. */
export async function attachClient(
  context: AttachContext,
  container: ContainerRecord,
  client: AttachSession,
  signal: AbortSignal,
): Promise<void> {
  const { logs, index } = context;
  const pump = await logs.open(container);
  const slow = new AbortController();
  const send = (stream: Writable | undefined, bytes: Uint8Array): void => {
    if (!stream || stream.destroyed || slow.signal.aborted) return;
    if (stream.writableLength + bytes.byteLength > WAITING_BYTES_MAX) slow.abort(tooSlow());
    else stream.write(Buffer.from(bytes));
  };
  const leave = pump.subscribe((name, bytes) => send(client[name], bytes));
  const over = new AbortController();
  const input = client.stdin ? giveInput(context, container, client.stdin, over.signal) : Promise.resolve();
  input.catch((error: unknown) => slow.abort(error));
  const left = new AbortController();
  if (client.stdin && endOfInputLeaves(container)) inputEnded(client.stdin, input).then(() => left.abort(), noop);
  if (client.resize) passSizes(context, container, client.resize).catch((error: unknown) => slow.abort(error));
  try {
    await index.waitForContainer(container.id, hasEnded, AbortSignal.any([signal, slow.signal, left.signal]));
  } catch (error) {
    if (signal.aborted) {
      if (!isClosing(signal)) await takeRest(context, container, input);
      return;
    }
    if (!left.signal.aborted || slow.signal.aborted) throw error;
  } finally {
    leave();
    over.abort();
  }
  // what the app wrote last was sent before its end was recorded; `finish` delivers it
  await client.finish({ exitCode: 0 });
}

function endOfInputLeaves(container: ContainerRecord): boolean {
  const kind = inputKind(container);
  return kind === "open" || kind === "terminal";
}

/** Also of a client whose input the app does not read any more. Rejects for one that is cut off. */
async function inputEnded(from: Readable, given: Promise<void>): Promise<void> {
  await finished(from, { writable: false });
  await given;
}

const noop = (): void => undefined;

/** When lxe itself ends, that is no end of anybody's input. */
function isClosing({ reason }: AbortSignal): boolean {
  return reason instanceof UnavailableError;
}

async function takeRest(context: AttachContext, container: ContainerRecord, input: Promise<void>): Promise<void> {
  const enough = new AbortController();
  const taken = input.catch(() => undefined).finally(() => enough.abort());
  await context.clock.sleep(INPUT_GRACE_MS, enough.signal).then(
    () => endInput(context, container),
    () => undefined,
  );
  if (enough.signal.aborted) await taken;
}

function tooSlow(): CriError {
  return new UnavailableError("the client reads too slowly to stay attached");
}
