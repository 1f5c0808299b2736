/**
 * One stream of a multiplexed connection as a Duplex. Owns what has arrived and was not read yet; knows nothing of the wire.
 * The peer's end (`deliverEnd`), our end (`end`), a reset (`destroy`) and the loss of the peer (`lose`) are four things.
 */

import { Duplex } from "node:stream";
import type { Intake } from "./intake.ts";
import { dataFrameBytesMax, pieceOverheadBytes } from "./limits.ts";

type Sent = (error?: Error | null) => void;

/** What a stream asks of its connection. */
export interface ChannelLink {
  /** Calls `sent` when more may be given. */
  send(chunks: readonly Buffer[], sent: Sent): void;
  /** Half-close. */
  finish(sent: Sent): void;
  /** The stream is gone, finished or not. */
  abandon(): void;
}

/** Writing failed because nobody is there to read. */
export class ClientGoneError extends Error {
  readonly code = "CLIENT_GONE";
  override name = "ClientGoneError";
}

export class ChannelStream extends Duplex {
  readonly #link: ChannelLink;
  readonly #intake: Intake;
  #arrived: Buffer[] = [];
  #heldBytes = 0;
  #wanted = false;
  #ended = false;
  #discards = false;
  #lost = false;
  #unsent: Sent | undefined;

  constructor(link: ChannelLink, intake: Intake) {
    // What waits is counted here, so Duplex itself shall hold no more than the piece that is being read.
    super({ readableHighWaterMark: 0, writableHighWaterMark: 2 * dataFrameBytesMax });
    this.#link = link;
    this.#intake = intake;
    // Nobody has to listen: a stream that fails is of no use, which its user sees at the next call.
    this.on("error", () => {});
  }

  /** Takes what the peer sent. */
  deliver(piece: Buffer): void {
    if (piece.length === 0 || this.#ended || this.#discards || this.destroyed) return;
    if (this.#wanted) {
      this.#wanted = false;
      this.push(piece);
      return;
    }
    const held = ownMemory(piece);
    this.#arrived.push(held);
    this.#account(costOf(held));
  }

  /** The peer will send no more. */
  deliverEnd(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#arrived.length === 0 && !this.destroyed) this.push(null);
  }

  /** From now on nobody reads: what arrives is dropped. */
  discard(): void {
    this.#discards = true;
    this.#dropArrived();
    if (this.#ended && !this.destroyed) this.push(null);
    this.resume();
  }

  /** The peer is gone: what has arrived can still be read, then the end; writing fails. */
  lose(): void {
    if (this.#lost || this.destroyed) return;
    this.#lost = true;
    this.deliverEnd();
    this.#settle(gone());
    if (this.readableEnded) this.destroy();
    else this.once("end", () => this.destroy());
  }

  override _read(): void {
    const piece = this.#arrived.shift();
    if (piece === undefined) {
      this.#wanted = true;
      return;
    }
    this.#account(-costOf(piece));
    this.push(piece);
    if (this.#ended && this.#arrived.length === 0) this.push(null);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Sent): void {
    this.#send([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Sent): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: Sent): void {
    this.#track(done, (sent) => this.#link.finish(sent));
  }

  override _destroy(error: Error | null, done: Sent): void {
    this.#dropArrived();
    this.#link.abandon();
    this.#settle(error ?? gone());
    done(error);
  }

  #send(chunks: readonly Buffer[], done: Sent): void {
    this.#track(done, (sent) => this.#link.send(chunks, sent));
  }

  /** Keeps `done` where a loss can find it; whichever comes first calls it. */
  #track(done: Sent, start: (sent: Sent) => void): void {
    if (this.#lost) {
      done(gone());
      return;
    }
    this.#unsent = done;
    start((error) => {
      if (this.#unsent === done) this.#settle(error);
    });
  }

  #settle(error?: Error | null): void {
    const done = this.#unsent;
    this.#unsent = undefined;
    done?.(error);
  }

  #account(delta: number): void {
    this.#heldBytes += delta;
    this.#intake.account(this, this.#heldBytes, delta);
  }

  #dropArrived(): void {
    this.#arrived = [];
    this.#account(-this.#heldBytes);
  }
}

function gone(): ClientGoneError {
  return new ClientGoneError("the client has gone");
}

function costOf(piece: Buffer): number {
  return piece.length + pieceOverheadBytes;
}

/** A small piece of a large read would keep all of it; so would one of a pool. */
function ownMemory(piece: Buffer): Buffer {
  if (piece.length * 2 >= piece.buffer.byteLength) return piece;
  const copy = Buffer.allocUnsafeSlow(piece.length);
  piece.copy(copy);
  return copy;
}
