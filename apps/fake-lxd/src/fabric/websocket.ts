/** Server sides of websockets: LXD's framing on top of `ws`. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { LxdEvent } from "@lxe/lxd-client";
import { type WebSocket, WebSocketServer } from "ws";
import { eventFrameBytes, eventPingsUnansweredMax, websocketCutMs, websocketPingMs } from "../limits.ts";
import type { OperationSocket } from "../kernel/operations.ts";
import type { Clock } from "../platform/types.ts";
import { goStringify } from "./reply.ts";

const server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: 0 });

export function accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket> {
  return new Promise((resolve) => server.handleUpgrade(request, socket, head, resolve));
}

/** Pings while it is open. `onSilence` is called when the peer leaves too many of them unanswered. */
function keepAlive(clock: Clock, websocket: WebSocket, unansweredMax: number, onSilence: () => void): void {
  let unanswered = 0;
  let timer: Disposable | undefined;
  websocket.on("pong", () => {
    unanswered = 0;
  });
  const ping = () => {
    if (websocket.readyState !== websocket.OPEN) return;
    if (unanswered > unansweredMax) {
      onSilence();
      return;
    }
    unanswered += 1;
    websocket.ping("keepalive");
    timer = clock.setTimer(websocketPingMs, ping);
  };
  websocket.on("close", () => timer?.[Symbol.dispose]());
  ping();
}

/** An exec's or a console's socket. Nothing that arrives before the handler is there gets lost. */
export function operationSocket(clock: Clock, websocket: WebSocket, connection: Duplex): OperationSocket {
  keepAlive(clock, websocket, Number.POSITIVE_INFINITY, () => undefined);
  websocket.on("error", () => undefined);
  return {
    send: (data) =>
      new Promise((resolve, reject) => {
        websocket.send(data, { binary: typeof data !== "string" }, (error) => (error ? reject(error) : resolve()));
      }),
    cut() {
      // Half-closing lets everything that was sent arrive; no close frame is part of that. A Go client that cannot answer a ping
      // throws away what it has not read yet, so it may write until it closes, too.
      connection.end();
      const timer = clock.setTimer(websocketCutMs, () => connection.destroy());
      connection.once("close", () => timer[Symbol.dispose]());
      connection.once("end", () => connection.destroy());
    },
    onMessage(handler) {
      websocket.on("message", (data: Buffer, isBinary) => {
        if (isBinary && data.length > 0) handler({ binary: data });
        else handler({ text: data.toString() });
      });
      websocket.on("close", () => handler({ closed: true }));
    },
    pause: () => websocket.pause(),
    resume: () => websocket.resume(),
  };
}

/** LXD's write buffer splits large events: full frames, and an empty one at the end when the last was full. */
function sendEvent(websocket: WebSocket, text: string): void {
  const data = Buffer.from(text);
  if (data.length <= eventFrameBytes) {
    websocket.send(data, { binary: false });
    return;
  }
  if (data.length > 2 * eventFrameBytes) {
    websocket.send(data, { binary: false, fin: false });
    websocket.send("", { binary: false, fin: true });
    return;
  }
  websocket.send(data.subarray(0, eventFrameBytes), { binary: false, fin: false });
  websocket.send(data.subarray(eventFrameBytes), { binary: false, fin: true });
}

/** Events as text messages, each with the line break of Go's encoder. */
export function eventSink(clock: Clock, websocket: WebSocket): (event: LxdEvent) => void {
  keepAlive(clock, websocket, eventPingsUnansweredMax, () => websocket.terminate());
  websocket.on("error", () => undefined);
  return (event) => {
    if (websocket.readyState === websocket.OPEN) sendEvent(websocket, `${goStringify(event)}\n`);
  };
}
