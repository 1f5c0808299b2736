/** Websockets as streams, with backpressure both ways. */
import { PassThrough, Writable } from "node:stream";
import type { OperationSocket } from "../operations.ts";
/** What the client sends; a text message or the socket's end is the end of the stream. */
export declare function readableFrom(socket: OperationSocket, onEnd?: () => void): PassThrough;
/** Binary frames to the client; what cannot be sent any more is dropped, as a broken pipe's data. */
export declare function writableTo(socket: () => OperationSocket | undefined): Writable;
