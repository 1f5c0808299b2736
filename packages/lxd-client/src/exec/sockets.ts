/** The websockets of an exec or console: one for each file descriptor, and `control`. */
import type { Readable } from "node:stream";
import type WebSocket from "ws";
import type { Context } from "../context.ts";
import { LxdError } from "../errors.ts";
import type { Operation } from "../schema/operation.ts";
import { isObject } from "../transport/expect.ts";
import { onWebSocketFailure } from "../transport/websocket.ts";
import { readableFrom } from "./output.ts";

/** `control`, `0`, `1`, `2`. */
export type FdName = string;

export interface FdSockets {
  get(fd: FdName): WebSocket | undefined;
  /** What the server sends on an fd that was named in `outputs`. */
  output(fd: FdName): Readable | undefined;
  /** Resolves when all are open; rejects with why one could not be opened. */
  opened: Promise<void>;
  terminate(): void;
}

/**
 * Starts to connect to all fds of an operation. Those in `outputs` are read from the first byte on: the command can start, and write,
 * before the last socket reports that it is open.
 */
export function openFds(
  { rest, openWebSocket, limits }: Pick<Context, "rest" | "openWebSocket" | "limits">,
  operation: Operation,
  outputs: readonly FdName[],
): FdSockets {
  const path = `/1.0/operations/${operation.id}/websocket`;
  const sockets = new Map<FdName, WebSocket>();
  const streams = new Map<FdName, Readable>();
  const opening: Promise<void>[] = [];
  for (const [fd, secret] of Object.entries(secretsOf(operation))) {
    const socket = openWebSocket(rest.url(path, { secret }), limits.eventBytesMax);
    sockets.set(fd, socket);
    if (outputs.includes(fd)) streams.set(fd, readableFrom(socket, limits.execBufferBytes));
    opening.push(whenOpen(socket, `GET ${path}`));
  }
  return {
    get: (fd) => sockets.get(fd),
    output: (fd) => streams.get(fd),
    opened: Promise.all(opening).then(() => {}),
    terminate() {
      for (const socket of sockets.values()) socket.terminate();
    },
  };
}

function secretsOf(operation: Operation): Record<FdName, string> {
  const fds = operation.metadata?.["fds"];
  if (isObject(fds) && Object.values(fds).every((secret) => typeof secret === "string"))
    return fds as Record<FdName, string>;
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
