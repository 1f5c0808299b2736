/**
 * The HTTP server of one daemon life, on a unix socket. It applies the fault rules around each request; what requests do
 * is in `routes/` and the kernel.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Daemon } from "../kernel/daemon.ts";
import { LxdFailure } from "../kernel/errors.ts";
import { Metrics } from "../kernel/server/metrics.ts";
import { sleep } from "../platform/sleep.ts";
import type { RuleAction } from "../rules/types.ts";
import { failed, type Reply } from "./reply.ts";
import { type RequestInput } from "./request.ts";
import { Router } from "./router.ts";
import { allRoutes } from "./routes/index.ts";
import { checkEvents, handleUpgrade } from "./upgrades.ts";

export interface ApiServer {
  /** Cuts every connection and stops listening. */
  destroy(): Promise<void>;
}

export interface ApiServerOptions {
  daemon: Daemon;
  socketPath: string;
  /** A rule says that the daemon dies. */
  onCrash: () => void;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function asReply(error: unknown): Reply {
  if (error instanceof LxdFailure) return failed(error.status, error.message);
  return failed(500, error instanceof Error ? error.message : String(error));
}

const find = <K extends RuleAction["kind"]>(actions: readonly RuleAction[], kind: K) =>
  actions.find((action): action is Extract<RuleAction, { kind: K }> => action.kind === kind);

class Api {
  readonly #daemon: Daemon;
  readonly #router: Router;
  readonly #onCrash: () => void;

  constructor(options: ApiServerOptions) {
    this.#daemon = options.daemon;
    this.#router = new Router(allRoutes(new Metrics(options.daemon.world)));
    this.#onCrash = options.onCrash;
  }

  /** False: the connection is gone, there is nobody to answer. */
  async #before(actions: readonly RuleAction[], socket: Duplex): Promise<boolean> {
    for (const action of actions) {
      if (action.kind === "delay") await sleep(this.#daemon.world.clock, action.ms);
    }
    if (find(actions, "reset") !== undefined) {
      socket.destroy();
      return false;
    }
    const crash = find(actions, "crash");
    if (crash !== undefined && crash.when !== "after") {
      this.#onCrash();
      return false;
    }
    const error = find(actions, "error");
    if (error !== undefined) throw new LxdFailure(error.status, error.error ?? STATUS_CODES[error.status] ?? "");
    return this.#daemon.alive;
  }

  #after(actions: readonly RuleAction[], socket: Duplex): boolean {
    if (find(actions, "lose-answer") !== undefined) {
      socket.destroy();
      return false;
    }
    if (find(actions, "crash")?.when === "after") {
      this.#onCrash();
      return false;
    }
    return true;
  }

  #log(request: IncomingMessage): void {
    const { method = "", url = "" } = request;
    const context = { ip: "@", method, protocol: "unix", url, username: "root" };
    this.#daemon.events.log("debug", "Handling API request", context);
  }

  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    const actions = this.#daemon.world.rules.take({ request: { method: request.method ?? "GET", path } });
    let reply: Reply;
    try {
      const body = await readBody(request);
      if (!(await this.#before(actions, request.socket))) return;
      this.#log(request);
      reply = await this.#handle({
        daemon: this.#daemon,
        method: request.method ?? "GET",
        url: new URL(path, "http://lxd"),
        headers: request.headers,
        body,
      });
    } catch (error) {
      reply = asReply(error);
    }
    if (!this.#daemon.alive || !this.#after(actions, request.socket)) return;
    const length = Buffer.byteLength(reply.body);
    response.writeHead(reply.status, { ...reply.headers, "content-length": length });
    response.end(request.method === "HEAD" ? undefined : reply.body);
  }

  async #handle(input: RequestInput): Promise<Reply> {
    if (input.url.pathname === "/1.0/events" && input.method === "GET") {
      checkEvents(input.url);
      return { status: 400, headers: { "content-type": "text/plain; charset=utf-8" }, body: "Bad Request\n" };
    }
    if (/^\/1\.0\/operations\/[^/]+\/websocket$/.test(input.url.pathname) && input.method === "GET") {
      this.#daemon.operations.get(input.url.pathname.split("/")[3] ?? "");
      return { status: 400, headers: { "content-type": "text/plain; charset=utf-8" }, body: "Bad Request\n" };
    }
    return await this.#router.handle(input);
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    const path = request.url ?? "/";
    const actions = this.#daemon.world.rules.take({ request: { method: "GET", path } });
    try {
      if (!(await this.#before(actions, socket))) return;
      this.#log(request);
      await handleUpgrade(this.#daemon, { request, url: new URL(path, "http://lxd"), socket, head });
    } catch (error) {
      refuse(socket, asReply(error));
      return;
    }
    if (!this.#after(actions, socket)) return;
    const cut = find(actions, "break-websocket");
    if (cut !== undefined) this.#daemon.world.clock.setTimer(cut.afterMs ?? 0, () => socket.destroy());
  }
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

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const api = new Api(options);
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    void api.respond(request, response);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void api.upgrade(request, socket, head);
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
