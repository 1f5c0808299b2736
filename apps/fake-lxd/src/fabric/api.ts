/**
 * What one daemon life answers to requests, however they come to it. It applies the fault rules around each request; what requests
 * do is in `routes/` and the kernel. Knows nothing of sockets: whoever carries the requests does.
 */
import { type IncomingHttpHeaders, STATUS_CODES } from "node:http";
import type { Daemon } from "../kernel/daemon.ts";
import { LxdFailure } from "../kernel/errors.ts";
import { Metrics } from "../kernel/server/metrics.ts";
import { sleep } from "../platform/sleep.ts";
import type { RuleAction } from "../rules/types.ts";
import { failed, type Reply } from "./reply.ts";
import { type RequestInput, type RequestUrl, requestUrl } from "./request.ts";
import { Router } from "./router.ts";
import { allRoutes } from "./routes/index.ts";
import { checkEvents } from "./upgrades.ts";

export interface Incoming {
  method: string;
  /** With query. */
  path: string;
  headers: IncomingHttpHeaders;
  readBody: () => Promise<Buffer | string>;
  /** Cuts the connection. */
  cut: () => void;
}

export interface IncomingUpgrade extends Pick<Incoming, "path" | "cut"> {
  /** Makes the websocket. Throws before the handshake when the request is refused. */
  take: (url: RequestUrl) => Promise<void>;
}

export interface ApiOptions {
  daemon: Daemon;
  /** A rule says that the daemon dies. */
  onCrash: () => void;
}

function asReply(error: unknown): Reply {
  if (error instanceof LxdFailure) return failed(error.status, error.message);
  return failed(500, error instanceof Error ? error.message : String(error));
}

const IS_WEBSOCKET = /^\/1\.0\/operations\/[^/]+\/websocket$/;

const find = <K extends RuleAction["kind"]>(actions: readonly RuleAction[], kind: K) =>
  actions.find((action): action is Extract<RuleAction, { kind: K }> => action.kind === kind);

export class Api {
  readonly #daemon: Daemon;
  readonly #router: Router;
  readonly #onCrash: () => void;

  constructor(options: ApiOptions) {
    this.#daemon = options.daemon;
    this.#router = new Router(allRoutes(new Metrics(options.daemon.world)));
    this.#onCrash = options.onCrash;
  }

  /** Undefined: the connection is gone, there is nobody to answer. */
  async answer({ method, path, headers, readBody, cut }: Incoming): Promise<Reply | undefined> {
    const actions = this.#daemon.world.rules.take({ request: { method, path } });
    let reply: Reply;
    try {
      const body = await readBody();
      if (actions.length > 0 && !(await this.#before(actions, cut))) return undefined;
      if (!this.#daemon.alive) return undefined;
      this.#log(method, path);
      reply = await this.#handle({ daemon: this.#daemon, method, url: requestUrl(path), headers, body });
    } catch (error) {
      reply = asReply(error);
    }
    if (!this.#daemon.alive) return undefined;
    return actions.length === 0 || this.#after(actions, cut) ? reply : undefined;
  }

  /** The answer when it does not become a websocket. */
  async upgrade({ path, cut, take }: IncomingUpgrade): Promise<Reply | undefined> {
    const actions = this.#daemon.world.rules.take({ request: { method: "GET", path } });
    try {
      if (!(await this.#before(actions, cut))) return undefined;
      this.#log("GET", path);
      await take(requestUrl(path));
    } catch (error) {
      return asReply(error);
    }
    if (!this.#after(actions, cut)) return undefined;
    const broken = find(actions, "break-websocket");
    if (broken !== undefined) this.#daemon.world.clock.setTimer(broken.afterMs ?? 0, cut);
    return undefined;
  }

  /** False: the connection is gone. */
  async #before(actions: readonly RuleAction[], cut: () => void): Promise<boolean> {
    for (const action of actions) {
      if (action.kind === "delay") await sleep(this.#daemon.world.clock, action.ms);
    }
    if (find(actions, "reset") !== undefined) {
      cut();
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

  #after(actions: readonly RuleAction[], cut: () => void): boolean {
    if (find(actions, "lose-answer") !== undefined) {
      cut();
      return false;
    }
    if (find(actions, "crash")?.when === "after") {
      this.#onCrash();
      return false;
    }
    return true;
  }

  #log(method: string, url: string): void {
    const context = { ip: "@", method, protocol: "unix", url, username: "root" };
    this.#daemon.events.log("debug", "Handling API request", context);
  }

  #handle(input: RequestInput): Reply | Promise<Reply> {
    const { pathname } = input.url;
    if (pathname === "/1.0/events" && input.method === "GET") {
      checkEvents(input.url);
      return { status: 400, headers: { "content-type": "text/plain; charset=utf-8" }, body: "Bad Request\n" };
    }
    if (pathname.endsWith("/websocket") && IS_WEBSOCKET.test(pathname) && input.method === "GET") {
      this.#daemon.operations.get(pathname.split("/")[3] ?? "");
      return { status: 400, headers: { "content-type": "text/plain; charset=utf-8" }, body: "Bad Request\n" };
    }
    return this.#router.handle(input);
  }
}
