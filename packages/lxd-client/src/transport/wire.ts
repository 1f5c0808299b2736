/**
 * What is below HTTP: carries one request and its answer, and opens websockets. `socket-wire.ts` does it by undici and ws; a
 * simulation does it in memory. Knows nothing of LXD, retries nothing.
 */
import type { Readable } from "node:stream";
import type { HttpReply, HttpRequest } from "./http.ts";
import type { OpenWebSocket } from "./websocket.ts";

/** Short calls, and bodies of any length: each on connections of their own, so that neither starves the other. */
export type Lane = "short" | "stream";

export interface WireRequest extends Pick<HttpRequest, "method" | "path" | "signal"> {
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array | Readable | undefined;
  /** Until the head of the answer; 0 waits for ever. */
  headersTimeoutMs: number;
}

export interface Wire {
  /** Rejects as Node's sockets do: with an error that has a `code`, such as ECONNREFUSED or UND_ERR_HEADERS_TIMEOUT. */
  request(lane: Lane, request: WireRequest): Promise<HttpReply>;
  openWebSocket: OpenWebSocket;
  /** What a message of the events connection holds. Throws when that is not JSON. */
  readEvent(message: Buffer): unknown;
  close(): Promise<void>;
  destroy(reason: Error): Promise<void>;
}
