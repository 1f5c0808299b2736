/** Requests for an upgrade: what they ask for, and answers on their bare sockets. */

import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { StreamingClock } from "./clock.ts";
import { lingerMs } from "./limits.ts";

/** An answer other than 101. */
export interface Refusal {
  status: number;
  text: string;
  headers?: readonly (readonly [string, string])[];
}

export function isWebSocketRequest(request: IncomingMessage): boolean {
  return upgradesTo(request, "websocket");
}

export function isSpdyRequest(request: IncomingMessage): boolean {
  return upgradesTo(request, "spdy/3.1");
}

function upgradesTo(request: IncomingMessage, protocol: string): boolean {
  const connection = (request.headers.connection ?? "").toLowerCase();
  return connection.includes("upgrade") && (request.headers.upgrade ?? "").toLowerCase().includes(protocol);
}

/** The values of a header that may stand in one line or in several. */
export function listedIn(request: IncomingMessage, header: string): string[] {
  const value = request.headers[header];
  return [value ?? []]
    .flat()
    .join(",")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** The client's first choice among those that we know. */
export function negotiate(offered: readonly string[], known: readonly string[]): string | undefined {
  return offered.find((protocol) => known.includes(protocol));
}

export function refuseUpgrade(
  socket: Duplex,
  { status, text, headers = [] }: Refusal,
  clock: Pick<StreamingClock, "setTimeout">,
): void {
  const body = Buffer.from(`${text}\n`);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${body.length}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  socket.on("error", () => {});
  // The socket came out of an HTTP server, which lets clients half-close.
  socket.on("end", () => socket.destroy());
  const linger = clock.setTimeout(() => socket.destroy(), lingerMs);
  socket.on("close", () => linger.cancel());
  socket.resume();
  socket.end(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]));
}

export function acceptSpdy(socket: Duplex, protocol: string): void {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Connection: Upgrade",
    "Upgrade: SPDY/3.1",
    `X-Stream-Protocol-Version: ${protocol}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
}
