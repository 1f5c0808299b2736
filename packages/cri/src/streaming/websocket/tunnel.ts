/** A byte stream in the binary messages of a WebSocket. Boundaries of messages mean nothing; text is an error; 1000 is the end. */

import { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { LiveSocket, type LiveSocketOptions } from "./live-socket.ts";

export class WebSocketTunnel extends Duplex {
  readonly #live: LiveSocket;

  constructor(webSocket: WebSocket, options: LiveSocketOptions) {
    super();
    this.#live = new LiveSocket(webSocket, options);
    this.#live.onMessage((message, isBinary) => {
      if (!isBinary) this.destroy(new Error("a text message in a tunnel"));
      else if (!this.push(message)) this.#live.intake.hold(this);
    });
    void this.#live.closed.then(() => this.#ended());
  }

  override _read(): void {
    this.#live.intake.release(this);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#live.send(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    void this.#live.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#live.destroy(error ?? new Error("the tunnel was closed"));
    done(error);
  }

  #ended(): void {
    if (this.destroyed) return;
    this.push(null);
    this.resume();
    // Nobody reads any more; what was sent is sent.
    this.end();
  }
}
