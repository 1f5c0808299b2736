/** What a streaming server is made with, and what it can be asked. */

import type { AttachRequest, ExecRequest, PortForwardRequest } from "../gen/api.ts";
import type { RpcLog } from "../rpc-log.ts";
import type { StreamingClock, StreamingRandom } from "./clock.ts";
import type { AttachSession, ExecSession, PortForwardSession } from "./session.ts";

/** By the word that stands in the URL. */
export interface StreamingRequests {
  exec: ExecRequest;
  attach: AttachRequest;
  portforward: PortForwardRequest;
}

export type StreamingKind = keyof StreamingRequests;

/**
 * Each is called once per connection, when the client's streams are there, with the request that the URL was issued for. `signal`
 * aborts when the client goes away before the end, the connection idles for too long, or the server closes. A rejection is told
 * to the client as an internal error.
 */
export interface StreamingHandlers {
  exec(request: ExecRequest, session: ExecSession, signal: AbortSignal): Promise<void>;
  attach(request: AttachRequest, session: AttachSession, signal: AbortSignal): Promise<void>;
  portForward(request: PortForwardRequest, session: PortForwardSession, signal: AbortSignal): Promise<void>;
}

export interface StreamingServerOptions {
  handlers: StreamingHandlers;
  log: RpcLog;
  /** PEM; plain HTTP unless given. */
  tls?: { cert: string | Buffer; key: string | Buffer };
  /** Stands before `/exec/<token>` in URLs, for servers behind another name; the bound address unless given. */
  baseUrl?: string;
  clock?: StreamingClock;
  random?: StreamingRandom;
  /** Default 4 h. */
  idleTimeoutMs?: number;
  /** Default 30 s. */
  streamCreationTimeoutMs?: number;
}

export interface StreamingServer extends AsyncDisposable {
  /**
   * Binds and serves; `host` defaults to 127.0.0.1, `port` to one that is free. Resolves once bound, with the address; rejects with
   * UnavailableError if it cannot be bound.
   */
  listen(address?: { host?: string; port?: number }): Promise<{ host: string; port: number }>;
  /**
   * A URL that serves this request once, within a minute. InvalidArgumentError: no id, a terminal with stderr, no stream at all;
   * ResourceExhaustedError: 1000 URLs wait already; UnavailableError: the server does not listen.
   */
  issue<K extends StreamingKind>(kind: K, request: StreamingRequests[K]): string;
  /** Connections being served. */
  readonly active: number;
  /** Takes no more connections, aborts the handlers' signals, and resolves when they have returned and all connections have ended. */
  close(): Promise<void>;
  /** Cuts all connections at once; resolves a `close` under way. */
  destroy(): void;
}
