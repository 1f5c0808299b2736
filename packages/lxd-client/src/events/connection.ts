/**
 * The one websocket for events: keeps it up, and hands on what arrives.
 *
 *   idle ──start──▶ connecting ──open──▶ connected
 *                       ▲  └──failed──┐     │ lost
 *                       └─back-off── disconnected ◀──┘        any ──close──▶ closed
 *
 * Owns the connection's state, back-off and keep-alive. Knows nothing of who listens, and keeps no event.
 */
import type { WebSocket } from "ws";
import type { ConnectionState } from "../api/events.ts";
import { Backoff } from "../backoff.ts";
import type { Clock, Random } from "../clock.ts";
import { LxdError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { LxdEvent } from "../schema/event.ts";
import { isObject } from "../transport/expect.ts";
import { onWebSocketFailure, type OpenWebSocket } from "../transport/websocket.ts";

const label = "GET /1.0/events";

export interface EventsConnectionOptions {
  url: string;
  open: OpenWebSocket;
  /** Throws what is not JSON. */
  read(message: Buffer): unknown;
  clock: Clock;
  random: Random;
  limits: Limits;
  onState(state: ConnectionState): void;
  onEvent(event: LxdEvent): void;
}

export class EventsConnection {
  readonly #options: EventsConnectionOptions;
  readonly #backoff: Backoff;
  #state: ConnectionState = { status: "idle" };
  #socket: WebSocket | undefined;
  #cancelTimer: () => void = () => {};

  constructor(options: EventsConnectionOptions) {
    this.#options = options;
    const { reconnectDelayMs, reconnectDelayMaxMs } = options.limits;
    this.#backoff = new Backoff(reconnectDelayMs, reconnectDelayMaxMs, options.random);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Connects, unless that was asked for before. */
  start(): void {
    if (this.#state.status === "idle") this.#connect();
  }

  close(): void {
    if (this.#state.status === "closed") return;
    this.#cancelTimer();
    const socket = this.#socket;
    this.#socket = undefined;
    this.#enter({ status: "closed" });
    socket?.terminate();
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#options.onState(state);
  }

  #connect(): void {
    const { open, url, limits, clock } = this.#options;
    this.#enter({ status: "connecting" });
    const socket = open(url, limits.eventBytesMax);
    this.#socket = socket;
    let connectedAt: number | undefined;
    let failure: Error | undefined;
    onWebSocketFailure(socket, label, (error) => {
      failure ??= error;
    });
    socket.on("open", () => {
      connectedAt = clock.now();
      this.#keepAlive(socket);
      this.#enter({ status: "connected" });
    });
    socket.on("message", (data: Buffer) => {
      const event = this.#eventIn(data);
      if (event !== undefined) return this.#options.onEvent(event);
      failure ??= new LxdError("protocol", `${label}: a message is not an event`, { request: label });
      socket.terminate();
      return undefined;
    });
    socket.on("close", (code) => {
      if (this.#socket !== socket) return;
      const lastedMs = connectedAt === undefined ? 0 : clock.now() - connectedAt;
      if (lastedMs >= limits.reconnectDelayMaxMs) this.#backoff.reset();
      this.#lost(failure ?? new LxdError("unavailable", `${label}: connection lost (${code})`, { request: label }));
    });
  }

  #eventIn(message: Buffer): LxdEvent | undefined {
    try {
      const value = this.#options.read(message);
      if (isObject(value) && typeof value["type"] === "string" && isObject(value["metadata"]))
        return value as unknown as LxdEvent;
    } catch {
      // Not JSON: the caller drops the connection.
    }
    return undefined;
  }

  #lost(reason: Error): void {
    this.#cancelTimer();
    const retryInMs = this.#backoff.nextMs();
    this.#cancelTimer = this.#options.clock.setTimeout(() => this.#connect(), retryInMs);
    this.#enter({ status: "disconnected", reason, retryInMs });
  }

  /** A dead TCP peer would never be noticed by reading alone. */
  #keepAlive(socket: WebSocket): void {
    let alive = true;
    const heard = () => {
      alive = true;
    };
    for (const sign of ["message", "ping", "pong"]) socket.on(sign, heard);
    const check = () => {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
      this.#cancelTimer = this.#options.clock.setTimeout(check, this.#options.limits.eventsPingMs);
    };
    this.#cancelTimer = this.#options.clock.setTimeout(check, this.#options.limits.eventsPingMs);
  }
}
