/**
 * The API of one daemon life without sockets, for a client in this process: requests, and the stream of events. Nothing here takes
 * time of its own. Other websockets (exec, console) are not carried.
 */
import type { LxdEvent } from "@lxe/lxd-client";
import type { Daemon } from "../kernel/daemon.ts";
import { notFound } from "../kernel/errors.ts";
import { Api, type ApiOptions } from "./api.ts";
import { StacklessError } from "../platform/stackless-error.ts";
import type { Reply } from "./reply.ts";
import type { RequestUrl } from "./request.ts";
import { eventsWanted } from "./upgrades.ts";

export interface MemoryRequest {
  method: string;
  /** With query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer;
}

export type MemoryReply = Reply;

/** One client's events connection. */
export interface EventsPeer {
  onOpen(): void;
  /** It must not change what it gets. */
  onEvent(event: LxdEvent): void;
  /** The connection was cut, or was refused with an HTTP status. */
  onClose(status?: number): void;
}

export interface MemoryLink {
  /** Rejects with ECONNREFUSED when no daemon runs, with ECONNRESET when the connection was cut. */
  request(request: MemoryRequest): Promise<MemoryReply>;
  /** `path`: that of `GET /1.0/events`, with query. Disposing closes it without a word to the peer. */
  events(path: string, peer: EventsPeer): Disposable;
}

export function connectionError(code: "ECONNREFUSED" | "ECONNRESET"): Error {
  return Object.assign(new StacklessError(code === "ECONNRESET" ? "socket hang up" : `connect ${code}`), { code });
}

export class MemoryApi implements MemoryLink {
  readonly #daemon: Daemon;
  readonly #api: Api;
  /** How to cut each connection. */
  readonly #connections = new Set<() => void>();

  constructor(options: ApiOptions) {
    this.#daemon = options.daemon;
    this.#api = new Api(options);
  }

  request({ method, path, headers, body }: MemoryRequest): Promise<MemoryReply> {
    const { promise, resolve, reject } = Promise.withResolvers<MemoryReply>();
    const cut = (): void => {
      if (this.#connections.delete(cut)) reject(connectionError("ECONNRESET"));
    };
    this.#connections.add(cut);
    const answer = async (): Promise<void> => {
      const reply = await this.#api.answer({ method, path, headers, readBody: () => Promise.resolve(body), cut });
      if (reply !== undefined && this.#connections.delete(cut)) resolve(reply);
    };
    void answer();
    return promise;
  }

  events(path: string, peer: EventsPeer): Disposable {
    let listener: Disposable | undefined;
    const forget = (): boolean => {
      listener?.[Symbol.dispose]();
      return this.#connections.delete(cut);
    };
    const cut = (): void => {
      if (forget()) peer.onClose();
    };
    this.#connections.add(cut);
    const take = async (url: RequestUrl): Promise<void> => {
      if (url.pathname !== "/1.0/events") throw notFound("not found");
      const wanted = eventsWanted(url);
      if (!this.#connections.has(cut)) return;
      const receive = (event: LxdEvent): void => peer.onEvent(event);
      listener = this.#daemon.events.listen({ ...wanted, receive });
      peer.onOpen();
    };
    const upgrade = async (): Promise<void> => {
      const refusal = await this.#api.upgrade({ path, cut, take });
      if (refusal !== undefined && forget()) peer.onClose(refusal.status);
    };
    void upgrade();
    return { [Symbol.dispose]: forget };
  }

  /** Cuts every connection. */
  destroy(): void {
    for (const cut of this.#connections) cut();
  }
}
