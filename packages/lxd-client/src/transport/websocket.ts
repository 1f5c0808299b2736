/** Opens websockets to the server. */
import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { LxdError } from "../errors.ts";
import { errorFromReply, errorFromTransport } from "./classify.ts";
import type { Connection } from "./connection.ts";

export type OpenWebSocket = (url: string, messageBytesMax: number) => WebSocket;

export function webSocketOpener(connection: Connection, userAgent: string, handshakeTimeoutMs: number): OpenWebSocket {
  return (url, messageBytesMax) =>
    new WebSocket(connection.websocketOrigin + url, {
      ...connection.websocket,
      headers: { "user-agent": userAgent },
      handshakeTimeout: handshakeTimeoutMs,
      maxPayload: messageBytesMax,
      perMessageDeflate: false,
      followRedirects: false,
    });
}

/**
 * Calls back once with why a socket could not be opened or broke. An error without a listener would end the process, so every
 * socket needs this.
 */
export function onWebSocketFailure(socket: WebSocket, label: string, failed: (error: LxdError) => void): void {
  socket.on("unexpected-response", (_request, response: IncomingMessage) => {
    failed(errorFromReply(label, response.statusCode ?? 0, response.statusMessage ?? ""));
    response.resume();
    socket.terminate();
  });
  socket.on("error", (cause) =>
    failed(isHandshakeTimeout(cause) ? late(label, cause) : errorFromTransport(label, cause, undefined)),
  );
}

/** ws gives this error no code. */
function isHandshakeTimeout(cause: Error): boolean {
  return cause.message === "Opening handshake has timed out";
}

function late(label: string, cause: Error): LxdError {
  return new LxdError("timeout", `${label}: ${cause.message}`, { request: label, cause });
}
