/** Server sides of websockets: LXD's framing on top of `ws`. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { LxdEvent } from "@lxe/lxd-client";
import { type WebSocket } from "ws";
import type { OperationSocket } from "../kernel/operations.ts";
import type { Clock } from "../platform/types.ts";
export declare function accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket>;
/** An exec's or a console's socket. Nothing that arrives before the handler is there gets lost. */
export declare function operationSocket(clock: Clock, websocket: WebSocket, connection: Duplex): OperationSocket;
/** Events as text messages, each with the line break of Go's encoder. */
export declare function eventSink(clock: Clock, websocket: WebSocket): (event: LxdEvent) => void;
