/** The HTTP server of one daemon life, on a unix socket: carries requests to the API and websockets to whoever takes them. */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Daemon } from "../kernel/daemon.ts";
import { Api, type ApiOptions } from "./api.ts";
import type { Reply } from "./reply.ts";
import { handleUpgrade } from "./upgrades.ts";

export interface ApiServer {
  /** Cuts every connection and stops listening. */
  destroy(): Promise<void>;
}

export interface ApiServerOptions extends ApiOptions {
  socketPath: string;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** An ordinary answer on a connection that wanted to be a websocket. */
function refuse(socket: Duplex, reply: Reply): void {
  const headers = { ...reply.headers, "content-length": String(Buffer.byteLength(reply.body)), connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ""}\r\n${lines.join("")}\r\n${String(reply.body)}`,
  );
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function respond(api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = await api.answer({
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers: request.headers,
    readBody: () => readBody(request),
    cut: () => request.socket.destroy(),
  });
  if (reply === undefined) return;
  const length = Buffer.byteLength(reply.body);
  response.writeHead(reply.status, { ...reply.headers, "content-length": length });
  response.end(request.method === "HEAD" ? undefined : reply.body);
}

async function upgrade(
  api: Api,
  daemon: Daemon,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  socket.on("error", () => socket.destroy());
  const refusal = await api.upgrade({
    path: request.url ?? "/",
    cut: () => socket.destroy(),
    take: (url) => handleUpgrade(daemon, { request, url, socket, head }),
  });
  if (refusal !== undefined) refuse(socket, refusal);
}

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const api = new Api(options);
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    void respond(api, request, response);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void upgrade(api, options.daemon, request, socket, head);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  // Methods that Node's parser does not know never reach LXD's router.
  server.on("clientError", (_error, socket) => socket.destroy());
  await listen(server, options.socketPath);
  return {
    async destroy() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
