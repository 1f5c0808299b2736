/** The websockets of an exec or console: one for each file descriptor, and `control`. */
import type { Readable } from "node:stream";
import type { WebSocket } from "ws";
import type { Context } from "../context.ts";
import { LxdError } from "../errors.ts";
import type { ExecFds } from "../schema/exec.ts";
import type { Operation } from "../schema/operation.ts";
import { isObject } from "../transport/expect.ts";
import { onWebSocketFailure } from "../transport/websocket.ts";
import { readableFrom } from "./output.ts";

export interface FdSockets {
  /** fd 0. */
  input: WebSocket;
  control: WebSocket | undefined;
  stdout: Readable;
  stderr: Readable | undefined;
  /** Resolves when all are open; rejects with why one could not be opened. */
  opened: Promise<unknown>;
  terminate(): void;
}

/**
 * Connects `control`, then starts to connect the others: LXD starts the command as soon as it has those, and a short command can be
 * over before a later socket is through. Outputs are read from the first byte on, for the same reason.
 */
export async function openFds(
  { rest, openWebSocket, limits }: Pick<Context, "rest" | "openWebSocket" | "limits">,
  operation: Operation,
): Promise<FdSockets> {
  const path = `/1.0/operations/${operation.id}/websocket`;
  const secrets = secretsOf(operation);
  const sockets: WebSocket[] = [];
  const opening: Promise<void>[] = [];
  const connect = (secret: string): WebSocket => {
    const socket = openWebSocket(rest.url(path, { secret }), limits.execMessageBytesMax);
    sockets.push(socket);
    opening.push(whenOpen(socket, `GET ${path}`));
    return socket;
  };
  const control = secrets.control === undefined ? undefined : connect(secrets.control);
  await Promise.all(opening);
  const input = connect(secrets["0"]);
  return {
    input,
    control,
    // On a terminal fd 0 goes both ways.
    stdout: readableFrom(secrets["1"] === undefined ? input : connect(secrets["1"]), limits.execBufferBytes),
    stderr: secrets["2"] === undefined ? undefined : readableFrom(connect(secrets["2"]), limits.execBufferBytes),
    opened: Promise.all(opening),
    terminate() {
      for (const socket of sockets) socket.terminate();
    },
  };
}

function secretsOf(operation: Operation): ExecFds {
  const fds = operation.metadata?.["fds"];
  if (isObject(fds) && typeof fds["0"] === "string") return fds as unknown as ExecFds;
  throw new LxdError("protocol", `operation ${operation.id}: it has no websockets`);
}

/** After it was open, a failure is only the way in which LXD ends it: the operation tells how the command ended. */
function whenOpen(socket: WebSocket, label: string): Promise<void> {
  return new Promise((resolve, reject) => {
    onWebSocketFailure(socket, label, reject);
    socket.once("open", resolve);
    socket.once("close", () =>
      reject(new LxdError("unavailable", `${label}: closed before it was open`, { request: label })),
    );
  });
}
