/**
 * HTTP to the server, over a wire. Owns timeouts, the one retry of a GET, and turning what is thrown into LxdErrors. Knows nothing
 * of LXD's envelopes.
 */
import type { Readable } from "node:stream";
import type { Limits } from "../limits.ts";
import { throwIfAborted } from "./abort.ts";
import { errorFromTransport, mayBeStaleConnection } from "./classify.ts";
import type { Lane, Wire } from "./wire.ts";

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
  body: Readable & { text(): Promise<string>; json(): Promise<unknown> };
}

export interface HttpTransport {
  /** A short call, answer and all; `value` is undefined when that is not JSON. */
  call(request: HttpRequest): Promise<{ status: number; headers: HttpHeaders; value: unknown }>;
  /** Resolves with the head of the answer. Nothing limits how long the body takes in either direction. */
  stream(request: HttpRequest): Promise<HttpReply>;
  close(): Promise<void>;
  destroy(reason: Error): Promise<void>;
}

export function httpTransport(wire: Wire, userAgent: string, limits: Limits): HttpTransport {
  const ownHeaders = { "user-agent": userAgent };
  const send = (lane: Lane, { method, path, headers, body, signal }: HttpRequest, headersTimeoutMs: number) =>
    wire.request(lane, {
      method,
      path,
      headers: headers === undefined ? ownHeaders : { ...ownHeaders, ...headers },
      body,
      signal,
      headersTimeoutMs,
    });

  return {
    async call(request) {
      const timeoutMs = request.method === "GET" ? limits.readTimeoutMs : limits.writeTimeoutMs;
      return attempt(request, async () => {
        const { status, headers, body } = await send("short", request, timeoutMs);
        try {
          return { status, headers, value: await body.json() };
        } catch (error) {
          if (error instanceof SyntaxError) return { status, headers, value: undefined };
          throw error;
        }
      });
    },
    async stream(request) {
      return attempt(request, async () => {
        const reply = await send("stream", request, 0);
        // Destroying a body before its end emits an error, which would end the process if nobody listened.
        reply.body.on("error", () => {});
        return reply;
      });
    },
    close: () => wire.close(),
    destroy: (reason) => wire.destroy(reason),
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
