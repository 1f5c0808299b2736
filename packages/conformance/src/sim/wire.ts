/** The wire between lxe's LXD client and fake-lxd in a simulation: no sockets, but what sockets do when things go wrong. */
import type { EventsPeer, MemoryLink, MemoryReply } from "@lxe/fake-lxd";
import type { HttpReply, Lane, Wire, WireRequest } from "@lxe/lxd-client";
import type { Clock } from "lxe";
import { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import { buffer, json, text } from "node:stream/consumers";
import type { Life } from "./life.ts";

export interface WireObserver {
  /** A request leaves lxe. `body` is what it sends as JSON. */
  onRequest(method: string, path: string, body: string | undefined): void;
  /** `reply`: LXD's, or the code of what broke the connection. */
  onReply(method: string, path: string, reply: MemoryReply | string): void;
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Short answers are only ever read as JSON: that needs no stream, and no text, which would take longer than all the rest. */
function bodyOf(lane: Lane, reply: MemoryReply): HttpReply["body"] {
  if (lane === "short")
    return { json: async () => reply.value ?? JSON.parse(reply.body.toString()) } as HttpReply["body"];
  const stream = new Readable({
    read() {
      this.push(Buffer.from(reply.body));
      this.push(null);
    },
  });
  return Object.assign(stream, { text: () => text(stream), json: () => json(stream) });
}

/** Text stays text: LXD reads it as JSON, which needs no bytes. */
function contentOf(body: WireRequest["body"]): string | Buffer | Promise<Buffer> {
  if (body === undefined) return "";
  if (typeof body === "string") return body;
  return body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.length) : buffer(body);
}

/** Settles as the promise does, unless the signal aborts or the time is up before. */
function within<T>(clock: Clock, promise: Promise<T>, request: WireRequest): Promise<T> {
  const { signal, headersTimeoutMs } = request;
  return new Promise((resolve, reject) => {
    const end = (): void => {
      timer?.cancel();
      signal?.removeEventListener("abort", onAbort);
    };
    const onAbort = (): void => {
      end();
      reject(signal?.reason);
    };
    const late = (): void => {
      end();
      reject(failure("UND_ERR_HEADERS_TIMEOUT", "Headers Timeout Error"));
    };
    const timer = headersTimeoutMs > 0 ? clock.setTimeout(late, headersTimeoutMs) : undefined;
    signal?.addEventListener("abort", onAbort, { once: true });
    promise.then(
      (value) => {
        end();
        return resolve(value);
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
}

/** The client's own limit for opening a websocket. */
const HANDSHAKE_MS = 10_000;

/** As much of a `ws` socket as the client's events connection uses. */
class EventsSocket extends EventEmitter {
  readonly #life: Life;
  #connection: Disposable | undefined;
  #closed = false;
  /** Connected, but nothing passes any more, and nobody is told. */
  #dead = false;

  constructor(life: Life) {
    super();
    this.#life = life;
  }

  connect(link: MemoryLink, path: string, clock: Clock): void {
    const handshake = clock.setTimeout(() => this.terminate(), HANDSHAKE_MS);
    this.once("open", () => handshake.cancel());
    this.once("close", () => handshake.cancel());
    const later = (run: () => void): void =>
      queueMicrotask(() => {
        if (this.#life.alive && !this.#closed) run();
      });
    const peer: EventsPeer = {
      onOpen: () => later(() => this.emit("open")),
      onEvent: (event) => {
        if (!this.#dead) later(() => this.emit("message", event));
      },
      onClose: () => {
        if (!this.#dead) later(() => this.#close());
      },
    };
    this.#connection = link.events(path, peer);
  }

  #close(): void {
    this.#closed = true;
    this.emit("error", failure("ECONNRESET", "socket hang up"));
    this.emit("close", 1006);
  }

  ping(): void {
    queueMicrotask(() => {
      if (this.#life.alive && !this.#closed && !this.#dead) this.emit("pong");
    });
  }

  /** A peer that vanished without a word. */
  die(): void {
    this.#dead = true;
    this.#connection?.[Symbol.dispose]();
  }

  terminate(): void {
    if (this.#closed) return;
    this.#connection?.[Symbol.dispose]();
    queueMicrotask(() => {
      if (this.#life.alive && !this.#closed) this.#close();
    });
  }

  /** Without a word, as when the process is gone. */
  drop(): void {
    this.#closed = true;
    this.#connection?.[Symbol.dispose]();
  }
}

export interface SimulatedWire extends Wire {
  /** The events connection goes silent. */
  silenceEvents(): void;
}

export function wireTo(link: MemoryLink, clock: Clock, life: Life, observer: WireObserver): SimulatedWire {
  const sockets = new Set<EventsSocket>();
  life.onEnd(() => {
    for (const socket of sockets) socket.drop();
  });
  const send = async (lane: Lane, request: WireRequest): Promise<HttpReply> => {
    const { method, path, headers } = request;
    const content = contentOf(request.body);
    const body = content instanceof Promise ? await content : content;
    // never sent
    request.signal?.throwIfAborted();
    observer.onRequest(method, path, typeof request.body === "string" ? request.body : undefined);
    try {
      const reply = await within(clock, link.request({ method, path, headers, body }), request);
      if (life.alive) observer.onReply(method, path, reply);
      return { status: reply.status, headers: reply.headers, body: bodyOf(lane, reply) };
    } catch (error) {
      if (life.alive) observer.onReply(method, path, (error as NodeJS.ErrnoException).code ?? "aborted");
      throw error;
    }
  };
  return {
    request: (lane, request) => life.pass(`LXD ${request.method} ${request.path}`, () => send(lane, request)),
    openWebSocket: (url) => {
      const socket = new EventsSocket(life);
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      if (life.alive) socket.connect(link, url, clock);
      return socket as unknown as ReturnType<Wire["openWebSocket"]>;
    },
    // as with short answers: no text is made only to be read again
    readEvent: (message: unknown) => message,
    close: async () => undefined,
    destroy: async () => undefined,
    silenceEvents: () => {
      for (const socket of sockets) socket.die();
    },
  };
}
