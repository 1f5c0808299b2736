/** A connection into a pod as one stream, of the two sockets that carry its directions. */

import type { Socket } from "node:net";
import { Duplex } from "node:stream";

export class RelayConnection extends Duplex {
  readonly #fromPod: Socket;
  readonly #toPod: Socket;

  /** Takes both over. */
  constructor(fromPod: Socket, toPod: Socket) {
    super({ allowHalfOpen: true });
    this.#fromPod = fromPod;
    this.#toPod = toPod;
    fromPod.pause();
    fromPod.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) fromPod.pause();
    });
    fromPod.on("end", () => this.push(null));
    fromPod.on("close", () => {
      if (!this.readableEnded) this.push(null);
    });
    // the relay closes this one first when the pod takes no more, which is no end of what the pod sends
    toPod.on("end", () => toPod.destroy());
    toPod.resume();
    for (const socket of [fromPod, toPod]) socket.on("error", () => socket.destroy());
  }

  override _read(): void {
    this.#fromPod.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const socket = this.#toPod;
    if (socket.destroyed || socket.write(chunk)) {
      done();
      return;
    }
    const go = (): void => {
      socket.off("drain", go);
      socket.off("close", go);
      done();
    };
    socket.on("drain", go);
    socket.on("close", go);
  }

  override _final(done: () => void): void {
    this.#toPod.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#fromPod.destroy();
    // what was written before a proper end is still on its way
    if (this.#toPod.writableEnded) this.#toPod.resume();
    else this.#toPod.destroy();
    done(error);
  }
}
