/**
 * The streaming server: issues URLs, and serves the clients that come for them. Owns the HTTP server, the tokens and the sockets
 * of clients; what a command or a connection into a pod is, handlers know.
 */

import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { UnavailableError } from "../errors.ts";
import { originOf } from "./address.ts";
import { ClientConnections } from "./client-connection.ts";
import { systemClock, systemRandom } from "./clock.ts";
import { connectionsMax, idleTimeoutMs, lingerMs, streamCreationTimeoutMs } from "./limits.ts";
import type { StreamingKind, StreamingRequests, StreamingServer, StreamingServerOptions } from "./options.ts";
import { type IssuedRequest, serveClient } from "./serve-client.ts";
import { Tokens } from "./tokens.ts";
import { refuseUpgrade } from "./upgrade.ts";
import { validateRequest } from "./validate-request.ts";

const defaultHost = "127.0.0.1";
const keepAliveDelayMs = 30_000;

export function createStreamingServer(options: StreamingServerOptions): StreamingServer {
  return new HttpStreamingServer(options);
}

class HttpStreamingServer implements StreamingServer {
  readonly #options: StreamingServerOptions;
  readonly #http: Server;
  readonly #tokens: Tokens<IssuedRequest>;
  readonly #connections: ClientConnections;
  readonly #sockets = new Set<Socket>();
  readonly #serving = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #baseUrl: string | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: StreamingServerOptions) {
    this.#options = options;
    const clock = options.clock ?? systemClock;
    this.#tokens = new Tokens(clock, options.random ?? systemRandom);
    this.#connections = new ClientConnections({
      clock,
      idleTimeoutMs: options.idleTimeoutMs ?? idleTimeoutMs,
      streamCreationTimeoutMs: options.streamCreationTimeoutMs ?? streamCreationTimeoutMs,
    });
    this.#http = options.tls === undefined ? createHttpServer() : createHttpsServer(options.tls);
    this.#http.maxConnections = connectionsMax;
    this.#http.on("connection", (socket: Socket) => this.#track(socket));
    this.#http.on("request", (request, response) => this.#answer(request, response));
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  async listen(address: { host?: string; port?: number } = {}): Promise<{ host: string; port: number }> {
    const host = address.host ?? defaultHost;
    await new Promise<void>((resolve, reject) => {
      const fail = (cause: Error) =>
        reject(
          new UnavailableError(`cannot serve streams on ${host} port ${address.port ?? 0}: ${cause.message}`, {
            cause,
          }),
        );
      this.#http.once("error", fail);
      this.#http.listen(address.port ?? 0, host, () => {
        this.#http.off("error", fail);
        resolve();
      });
    });
    const bound = this.#http.address() as AddressInfo;
    const scheme = this.#options.tls === undefined ? "http" : "https";
    this.#baseUrl = (this.#options.baseUrl ?? originOf(scheme, bound.address, bound.port)).replace(/\/+$/, "");
    return { host: bound.address, port: bound.port };
  }

  issue<K extends StreamingKind>(kind: K, request: StreamingRequests[K]): string {
    validateRequest(kind, request);
    if (this.#baseUrl === undefined || this.#closing.signal.aborted) {
      throw new UnavailableError("the streaming server does not listen");
    }
    // The map of kinds to requests makes this pair fit, which the compiler does not follow.
    const token = this.#tokens.issue({ kind, request } as IssuedRequest);
    return `${this.#baseUrl}/${kind}/${token}`;
  }

  get active(): number {
    return this.#serving.size;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  destroy(): void {
    this.#stop();
    for (const socket of this.#sockets) socket.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #stop(): void {
    this.#tokens.clear();
    this.#closing.abort(new UnavailableError("the streaming server is closing"));
    this.#http.close();
  }

  async #close(): Promise<void> {
    this.#stop();
    const cut = (this.#options.clock ?? systemClock).setTimeout(() => this.destroy(), lingerMs);
    while (this.#serving.size > 0) await Promise.all(this.#serving);
    await this.#socketsGone();
    cut.cancel();
  }

  async #socketsGone(): Promise<void> {
    for (const socket of this.#sockets) await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  }

  #track(socket: Socket): void {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveDelayMs);
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  /** A request that is no upgrade uses up its token all the same. */
  #answer(request: IncomingMessage, response: ServerResponse): void {
    const issued = this.#redeem(request);
    const [status, text] =
      issued === undefined
        ? ([404, "not found"] as const)
        : ([400, "unable to upgrade: no upgrade is asked for"] as const);
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const issued = this.#redeem(request);
    if (issued === undefined) {
      refuseUpgrade(socket, { status: 404, text: "not found" }, this.#options.clock ?? systemClock);
      return;
    }
    const serving = this.#serve(request, socket, head, issued).finally(() => this.#serving.delete(serving));
    this.#serving.add(serving);
  }

  async #serve(request: IncomingMessage, socket: Duplex, head: Buffer, issued: IssuedRequest): Promise<void> {
    const { handlers, log } = this.#options;
    const clock = this.#options.clock ?? systemClock;
    const startedAtMs = clock.monotonicMs();
    const fields = () => ({ kind: issued.kind, durationMs: Math.round(clock.monotonicMs() - startedAtMs) });
    const served = { handlers, connections: this.#connections, signal: this.#closing.signal };
    try {
      const failure = await serveClient({ request, socket, head }, issued, served);
      if (failure === undefined) log.debug(fields(), "stream ended");
      else log.info({ ...fields(), err: failure }, "stream ended with an error");
    } catch (error) {
      log.info({ ...fields(), err: error }, "client was never ready for its stream");
    }
  }

  #redeem(request: IncomingMessage): IssuedRequest | undefined {
    if (request.method !== "GET" && request.method !== "POST") return undefined;
    // A base URL may have a path, which proxies in between may or may not take away.
    const [, kind, token = ""] = /\/([a-z]+)\/([\w-]+)$/.exec(pathOf(request)) ?? [];
    const issued = this.#tokens.redeem(token);
    return issued?.kind === kind ? issued : undefined;
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").replace(/\?.*$/s, "");
}
