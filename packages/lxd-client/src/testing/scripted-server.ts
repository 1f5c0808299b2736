/**
 * A server on a unix socket that answers what a test tells it: for the ways of failing that no real LXD shows on demand.
 * It knows HTTP, websockets and LXD's envelopes, nothing of LXD's objects.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type WebSocket, WebSocketServer } from "ws";
import { createLxdClient } from "../client.ts";
import type { LxdClient } from "../api/client.ts";
import type { LxdClientOptions } from "../options.ts";
import type { Operation } from "../schema/operation.ts";

export interface ScriptedRequest {
  /** `GET /1.0/instances`, without the query. */
  what: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: string;
}

export interface ScriptedReply {
  status?: number;
  headers?: Record<string, string>;
  /** JSON, or raw text. */
  body?: unknown;
  /** Cuts the connection instead of answering. */
  cut?: boolean;
}

/** Undefined: 404. */
export type Script = (request: ScriptedRequest) => ScriptedReply | undefined | Promise<ScriptedReply | undefined>;

export interface ScriptedServer extends AsyncDisposable {
  socketPath: string;
  /** What was asked, in order. */
  requests: ScriptedRequest[];
  /** How often `what` was asked. */
  count(what: string): number;
  /** The connections to /1.0/events, in order of their opening; closed ones included. */
  eventSockets: WebSocket[];
  /** Sends an operation event to all open events connections. */
  sendOperation(operation: Operation): void;
  sendLifecycle(action: string, source: string): void;
  /** Connections of execs by secret. Without it they are refused with 403. */
  onExecSocket(callback: (secret: string, socket: WebSocket, raw: Socket) => void): void;
  client(options?: LxdClientOptions): LxdClient;
  /** Stops to accept, cuts everything. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const directory = await mkdtemp(join(tmpdir(), "lxd-client-"));
  const socketPath = join(directory, "unix.socket");
  const requests: ScriptedRequest[] = [];
  const eventSockets: WebSocket[] = [];
  const connections = new Set<Socket>();
  const websockets = new WebSocketServer({ noServer: true });
  let onExec: ((secret: string, socket: WebSocket, raw: Socket) => void) | undefined;

  const server = createServer((request, response) => void answer(request, response));
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => connections.delete(socket));
  });
  server.on("upgrade", (request, raw: Socket, head) => {
    const url = new URL(request.url ?? "", "http://lxd");
    if (url.pathname !== "/1.0/events" && onExec === undefined) {
      return void raw.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    }
    return websockets.handleUpgrade(request, raw, head, (socket) => {
      socket.on("error", () => {});
      if (url.pathname === "/1.0/events") eventSockets.push(socket);
      else onExec?.(url.searchParams.get("secret") ?? "", socket, raw);
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://lxd");
    const seen = {
      what: `${request.method} ${url.pathname}`,
      query: url.searchParams,
      headers: request.headers,
      body: await text(request),
    };
    requests.push(seen);
    const reply = (await script(seen)) ?? failure(404, "not found");
    if (reply.cut) return void response.destroy();
    response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers });
    response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
  }

  async function start(): Promise<void> {
    server.listen(socketPath);
    await once(server, "listening");
  }

  async function stop(): Promise<void> {
    server.close();
    for (const connection of connections) connection.destroy();
    await once(server, "close");
  }

  function broadcast(event: object): void {
    const message = JSON.stringify({ timestamp: "2026-01-01T00:00:00Z", ...event });
    for (const socket of eventSockets) if (socket.readyState === socket.OPEN) socket.send(message);
  }

  await start();
  return {
    socketPath,
    requests,
    eventSockets,
    count: (what) => requests.filter((request) => request.what === what).length,
    sendOperation: (metadata) => broadcast({ type: "operation", metadata }),
    sendLifecycle: (action, source) => broadcast({ type: "lifecycle", metadata: { action, source } }),
    onExecSocket: (callback) => {
      onExec = callback;
    },
    client: (options) =>
      createLxdClient({ socketPath }, { ...options, limits: { ...quickLimits, ...options?.limits } }),
    stop,
    start,
    async [Symbol.asyncDispose]() {
      if (server.listening) await stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** So that tests of waiting need not wait. */
const quickLimits = {
  busyDelayMs: 1,
  busyDelayMaxMs: 2,
  reconnectDelayMs: 1,
  reconnectDelayMaxMs: 2,
  operationSweepMs: 5,
  operationPollMs: 5,
};

export function success(metadata: unknown, headers: Record<string, string> = {}): ScriptedReply {
  const body = { type: "sync", status: "Success", status_code: 200, operation: "", error_code: 0, error: "", metadata };
  return { body, headers };
}

/** `status` of HTTP can differ from the one inside, as some versions do. */
export function failure(code: number, error: string, status = code): ScriptedReply {
  const body = { type: "error", status: "", status_code: 0, operation: "", error_code: code, error, metadata: null };
  return { status, body };
}

export function started(operation: Operation): ScriptedReply {
  const body = {
    type: "async",
    status: "Operation created",
    status_code: 100,
    operation: `/1.0/operations/${operation.id}`,
    error_code: 0,
    error: "",
    metadata: operation,
  };
  return { status: 202, body };
}

/** A running operation; `change` makes it another. */
export function operation(id: string, change: Partial<Operation> = {}): Operation {
  return {
    id,
    class: "task",
    description: "Testing",
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    status: "Running",
    status_code: 103,
    resources: null,
    metadata: null,
    may_cancel: false,
    err: "",
    location: "none",
    ...change,
  };
}

export const succeeded = (id: string, change: Partial<Operation> = {}): Operation =>
  operation(id, { status: "Success", status_code: 200, ...change });

export const failed = (id: string, err: string, change: Partial<Operation> = {}): Operation =>
  operation(id, { status: "Failure", status_code: 400, err, ...change });
