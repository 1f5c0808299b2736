/**
 * What every upgraded WebSocket needs here: to be dropped when idle, to notice a client that vanished while it is not read, an end
 * with code 1000 that does not wait for ever, room for writers, and answers to pings, as far as the client takes them.
 */

import { WebSocket } from "ws";
import { ClientGoneError } from "../channel-stream.ts";
import type { StreamingClock } from "../clock.ts";
import { IdleTimer } from "../idle-timer.ts";
import { Intake, type IntakeSource } from "../intake.ts";
import { lingerMs, repliesUnsentMax, webSocketBacklogBytesMax } from "../limits.ts";
import { StalledPings } from "../stalled-pings.ts";

const normalClosure = 1000;

export interface LiveSocketOptions {
  clock: StreamingClock;
  idleTimeoutMs: number;
}

export class LiveSocket {
  readonly webSocket: WebSocket;
  /** Whether messages are read. */
  readonly intake: Intake;
  readonly #clock: StreamingClock;
  readonly #idle: IdleTimer;
  readonly #stalledPings: StalledPings;
  readonly #abort = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  #closing = false;
  #pongsUnsent = 0;
  #lingerTimer: { cancel(): void } | undefined;

  constructor(webSocket: WebSocket, options: LiveSocketOptions) {
    this.webSocket = webSocket;
    this.#clock = options.clock;
    this.#stalledPings = new StalledPings(options.clock, () => this.#pingWhileStalled());
    this.#idle = new IdleTimer(options.clock, options.idleTimeoutMs, () =>
      this.destroy(new ClientGoneError("nothing moved for too long")),
    );
    webSocket.on("error", (error) => this.#lose(error));
    this.intake = new Intake(this.#source());
    webSocket.on("ping", (data: Buffer) => this.#pong(data));
    webSocket.on("pong", () => this.#idle.moved());
    webSocket.on("close", () => this.#ended());
  }

  /** Aborts when the connection is lost before `close`. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  onMessage(handle: (message: Buffer, isBinary: boolean) => void): void {
    this.webSocket.on("message", (message: Buffer, isBinary: boolean) => {
      this.#idle.moved();
      if (!this.#closing) handle(message, isBinary);
    });
  }

  /** Calls `sent` when more may be sent. */
  send(message: Buffer | string, sent: (error?: Error | null) => void): void {
    this.#idle.moved();
    if (this.webSocket.bufferedAmount < webSocketBacklogBytesMax && this.webSocket.readyState === WebSocket.OPEN) {
      this.webSocket.send(message);
      sent();
    } else this.webSocket.send(message, sent);
  }

  /** Ends with code 1000 once all is sent; resolves when the connection has ended. */
  close(): Promise<void> {
    if (this.#closing) return this.closed;
    this.#closing = true;
    this.webSocket.close(normalClosure);
    this.#resume();
    this.#linger();
    return this.closed;
  }

  /** Tells why with a close code, and cuts the connection if the client does not end it. */
  refuse(code: number, reason: Error): void {
    this.#lose(reason);
    this.#closing = true;
    this.webSocket.close(code, reason.message);
    this.#resume();
  }

  /** Cuts the connection. */
  destroy(reason: Error): void {
    this.#lose(reason);
    this.webSocket.terminate();
  }

  /** A client that still takes what was sent has all the time it needs. */
  #linger(): void {
    this.#lingerTimer = this.#clock.setTimeout(() => {
      if (this.webSocket.bufferedAmount === 0) this.webSocket.terminate();
      else this.#linger();
    }, lingerMs);
  }

  #source(): IntakeSource {
    return {
      pause: () => {
        this.webSocket.pause();
        this.#stalledPings.start();
      },
      resume: () => this.#resume(),
    };
  }

  #resume(): void {
    this.#stalledPings.stop();
    this.webSocket.resume();
  }

  /** A client that does not take the answers is not read any further. */
  #pong(data: Buffer): void {
    this.#idle.moved();
    if (this.webSocket.readyState !== WebSocket.OPEN) return;
    this.#pongsUnsent++;
    if (this.#pongsUnsent > repliesUnsentMax) this.intake.hold(this.webSocket);
    this.webSocket.pong(data, false, () => {
      this.#pongsUnsent--;
      if (this.#pongsUnsent <= repliesUnsentMax / 2) this.intake.release(this.webSocket);
    });
  }

  #pingWhileStalled(): void {
    if (this.webSocket.bufferedAmount === 0 && this.webSocket.readyState === WebSocket.OPEN) this.webSocket.ping();
  }

  #ended(): void {
    this.#idle.stop();
    this.#lingerTimer?.cancel();
    this.#lose(new ClientGoneError("the client closed the connection"));
    this.#closed.resolve();
  }

  #lose(reason: Error): void {
    this.#stalledPings.stop();
    if (!this.#closing) this.#abort.abort(reason);
    this.#closing = true;
  }
}
