/**
 * HTTP to the server: two undici pools, one for short calls and one for bodies of any length, so that neither starves the other.
 * Owns timeouts, the one retry of a GET, and turning what is thrown into LxdErrors. Knows nothing of LXD's envelopes.
 */
import type { Readable } from "node:stream";
import { Pool } from "undici";
import type { Limits } from "../limits.ts";
import { throwIfAborted } from "./abort.ts";
import { errorFromTransport, mayBeStaleConnection } from "./classify.ts";
import type { Connection } from "./connection.ts";

export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface HttpRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With query. */
  path: string;
  /** For errors: method and path without the query. */
  label: string;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | Uint8Array | Readable | undefined;
  signal?: AbortSignal | undefined;
}

export interface HttpReply {
  status: number;
  headers: HttpHeaders;
  /** Must be read to its end, or destroyed. */
  body: Readable & { text(): Promise<string> };
}

export interface HttpTransport {
  /** A short call, answer and all. */
  call(request: HttpRequest): Promise<{ status: number; headers: HttpHeaders; text: string }>;
  /** Resolves with the head of the answer. Nothing limits how long the body takes in either direction. */
  stream(request: HttpRequest): Promise<HttpReply>;
  close(): Promise<void>;
  destroy(reason: Error): Promise<void>;
}

export function httpTransport(connection: Connection, userAgent: string, limits: Limits): HttpTransport {
  const connect = { ...connection.http, timeout: limits.connectTimeoutMs };
  const short = new Pool(connection.httpOrigin, {
    connect,
    connections: limits.connectionsMax,
    pipelining: 1,
    allowH2: false,
    maxResponseSize: limits.responseBytesMax,
  });
  const streams = new Pool(connection.httpOrigin, {
    connect,
    connections: limits.streamConnectionsMax,
    pipelining: 1,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  const send = (pool: Pool, request: HttpRequest, headersTimeout: number) =>
    pool.request({
      method: request.method,
      path: request.path,
      headers: { "user-agent": userAgent, ...request.headers },
      body: request.body ?? null,
      signal: request.signal ?? null,
      headersTimeout,
    });

  return {
    async call(request) {
      const timeoutMs = request.method === "GET" ? limits.readTimeoutMs : limits.writeTimeoutMs;
      return attempt(request, async () => {
        const { statusCode, headers, body } = await send(short, request, timeoutMs);
        return { status: statusCode, headers, text: await body.text() };
      });
    },
    async stream(request) {
      return attempt(request, async () => {
        const { statusCode, headers, body } = await send(streams, request, 0);
        // Destroying a body before its end emits an error, which would end the process if nobody listened.
        body.on("error", () => {});
        return { status: statusCode, headers, body };
      });
    },
    async close() {
      await Promise.all([short.close(), streams.close()]);
    },
    async destroy(reason) {
      await Promise.all([short.destroy(reason), streams.destroy(reason)]);
    },
  };
}

/** Only a GET can be sent twice without harm, and once is enough: a fresh connection is not stale. */
async function attempt<T>(request: HttpRequest, send: () => Promise<T>): Promise<T> {
  throwIfAborted(request.signal, request.label);
  try {
    return await send();
  } catch (cause) {
    if (request.method !== "GET" || !mayBeStaleConnection(cause) || request.signal?.aborted) {
      throw errorFromTransport(request.label, cause, request.signal);
    }
  }
  try {
    return await send();
  } catch (cause) {
    throw errorFromTransport(request.label, cause, request.signal);
  }
}
