/**
 * The server's end of a SPDY/3.1 connection: streams that the client opens, their ends, pings. Owns the transport from `start` on.
 *
 * There is no flow control by windows, as in Go's implementation, which everybody speaks here: it never sends WINDOW_UPDATE, and
 * ignores those it gets. What remains is TCP: a stream whose reader stops is buffered up to a bound, then the transport is not
 * read; a transport that is full makes writers wait.
 */

import type { Duplex } from "node:stream";
import { type ChannelLink, ClientGoneError } from "../channel-stream.ts";
import type { StreamingClock } from "../clock.ts";
import { IdleTimer } from "../idle-timer.ts";
import { Intake } from "../intake.ts";
import { lingerMs, repliesUnsentMax } from "../limits.ts";
import { Outlet } from "../outlet.ts";
import { StalledPings } from "../stalled-pings.ts";
import { dataFrames } from "./data-frames.ts";
import {
  type ControlFrame,
  type DataFrame,
  type Frame,
  type HeaderFrame,
  type RstStatus,
  rstStatus,
  type SynStreamFrame,
} from "./frame.ts";
import { FrameParser } from "./frame-parser.ts";
import { controlFrame, dataFrameHeader } from "./frame-writer.ts";
import type { SpdyHeaders } from "./header-block.ts";
import { HeaderDecoder, HeaderEncoder } from "./header-codec.ts";
import { SpdyStream } from "./spdy-stream.ts";

export interface SpdyConnectionOptions {
  clock: StreamingClock;
  idleTimeoutMs: number;
  streamsMax: number;
  /** Why a stream with these headers is not wanted; it is reset then. */
  refuse?(headers: SpdyHeaders): RstStatus | undefined;
  /** Called for each stream, after its reply. */
  onStream(stream: SpdyStream): void;
}

interface OpenStream {
  stream: SpdyStream;
  finSent: boolean;
  finReceived: boolean;
}

const noHeaders: SpdyHeaders = new Map();
const goAwayOk = 0;
/** Ours are even. */
const pingIdMin = 2;
const pingIdMax = 0x7ffffffe;

export class SpdyConnection {
  readonly #transport: Duplex;
  readonly #options: SpdyConnectionOptions;
  readonly #parser = new FrameParser();
  readonly #decoder = new HeaderDecoder();
  readonly #encoder = new HeaderEncoder();
  readonly #streams = new Map<number, OpenStream>();
  readonly #outlet: Outlet;
  readonly #intake: Intake;
  readonly #idle: IdleTimer;
  readonly #stalledPings: StalledPings;
  readonly #abort = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  #lastStreamId = 0;
  #pingId = pingIdMin;
  #repliesUnsent = 0;
  #peerLeaves = false;
  #closing = false;

  constructor(transport: Duplex, options: SpdyConnectionOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#outlet = new Outlet(transport);
    this.#intake = new Intake({ pause: () => this.#stall(), resume: () => this.#unstall() });
    this.#stalledPings = new StalledPings(options.clock, () => this.#pingWhileStalled());
    this.#idle = new IdleTimer(options.clock, options.idleTimeoutMs, () =>
      this.destroy(new ClientGoneError("nothing moved for too long")),
    );
  }

  /** Aborts when the connection is lost before `close`; the reason says how. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Resolves when the transport is closed, whoever closed it. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Begins to read; `head` was read already. */
  start(head: Buffer): void {
    this.#transport.on("error", (error) => this.#lose(error));
    this.#transport.on("close", () => this.#ended());
    this.#transport.on("end", () => {
      if (!this.#closing) this.#transport.destroy();
    });
    this.#transport.on("data", (chunk: Buffer) => this.#receive(chunk));
    if (head.length > 0) this.#receive(head);
    if (this.#transport.closed) this.#ended();
  }

  /** Resets the streams that are not finished, says good-bye, and ends the transport once all is sent. Resolves when closed. */
  close(): Promise<void> {
    if (this.#closing || this.#transport.destroyed) return this.closed;
    for (const { stream, finSent } of this.#streams.values()) {
      if (!finSent) this.#reply({ type: "rst-stream", streamId: stream.id, status: rstStatus.cancel });
    }
    this.#reply({ type: "goaway", lastStreamId: this.#lastStreamId, status: goAwayOk });
    this.#closing = true;
    this.#loseStreams();
    this.#transport.once("finish", () => this.#linger());
    this.#transport.end();
    // Closing with bytes unread would make the kernel drop what the client has not received yet.
    this.#unstall();
    return this.closed;
  }

  /** Cuts the connection. */
  destroy(reason: Error): void {
    this.#lose(reason);
    this.#transport.destroy();
  }

  reset(stream: SpdyStream, status: RstStatus): void {
    if (!this.#streams.delete(stream.id)) return;
    this.#reply({ type: "rst-stream", streamId: stream.id, status });
    stream.destroy();
  }

  #linger(): void {
    const linger = this.#options.clock.setTimeout(() => this.#transport.destroy(), lingerMs);
    void this.closed.then(() => linger.cancel());
  }

  #receive(chunk: Buffer): void {
    this.#idle.moved();
    if (this.#closing) return;
    try {
      this.#parser.push(chunk, (frame) => this.#handle(frame));
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #handle(frame: Frame): void {
    switch (frame.type) {
      case "data":
        return this.#handleData(frame);
      case "syn-stream":
        return this.#handleSynStream(frame);
      case "rst-stream":
        return this.#handleReset(frame.streamId);
      case "ping":
        return this.#handlePing(frame.id);
      case "goaway":
        this.#peerLeaves = true;
        return undefined;
      case "syn-reply":
      case "headers":
        // Meaningless here, but it is part of the compressed stream.
        this.#decodeHeaders(frame);
        return undefined;
      case "settings":
      case "window-update":
        return undefined;
    }
  }

  #decodeHeaders(frame: HeaderFrame): SpdyHeaders {
    return this.#decoder.decode(frame.headerBlock);
  }

  #handleSynStream(frame: SynStreamFrame): void {
    const headers = this.#decodeHeaders(frame);
    const refusal = this.#refusalOf(frame, headers);
    this.#lastStreamId = Math.max(this.#lastStreamId, frame.streamId);
    if (refusal !== undefined) {
      this.#reply({ type: "rst-stream", streamId: frame.streamId, status: refusal });
      return;
    }
    const { streamId } = frame;
    const stream = new SpdyStream(streamId, headers, this.#linkOf(streamId), this.#intake);
    this.#streams.set(streamId, { stream, finSent: false, finReceived: false });
    this.#reply({ type: "syn-reply", streamId, fin: false, headerBlock: this.#encoder.encode(noHeaders) });
    this.#options.onStream(stream);
    if (frame.fin) this.#handleFin(streamId);
  }

  #refusalOf(frame: SynStreamFrame, headers: SpdyHeaders): RstStatus | undefined {
    if (frame.streamId % 2 === 0 || frame.streamId <= this.#lastStreamId) return rstStatus.protocolError;
    if (frame.unidirectional) return rstStatus.protocolError;
    if (this.#peerLeaves || this.#streams.size >= this.#options.streamsMax) return rstStatus.refusedStream;
    return this.#options.refuse?.(headers);
  }

  #handleData(frame: DataFrame): void {
    const open = this.#streams.get(frame.streamId);
    if (open === undefined || open.finReceived) {
      // Late data for a stream that is gone is normal; for one that never was it is not.
      if (frame.streamId > this.#lastStreamId) this.#refuseData(frame);
      return;
    }
    open.stream.deliver(frame.piece);
    if (frame.fin) this.#handleFin(frame.streamId);
  }

  #refuseData(frame: DataFrame): void {
    this.#reply({ type: "rst-stream", streamId: frame.streamId, status: rstStatus.invalidStream });
  }

  #handleFin(streamId: number): void {
    const open = this.#streams.get(streamId);
    if (open === undefined) return;
    open.finReceived = true;
    if (open.finSent) this.#streams.delete(streamId);
    open.stream.deliverEnd();
  }

  #handleReset(streamId: number): void {
    const open = this.#streams.get(streamId);
    this.#streams.delete(streamId);
    open?.stream.lose();
  }

  #handlePing(id: number): void {
    // Clients count their pings in odd numbers; an even one answers ours.
    if (id % 2 === 1) this.#reply({ type: "ping", id });
  }

  /** What a client makes us answer: one that does not take the answers is not read any further. */
  #reply(frame: ControlFrame): void {
    this.#idle.moved();
    this.#repliesUnsent++;
    if (this.#repliesUnsent > repliesUnsentMax) this.#intake.hold(this.#outlet);
    this.#transport.write(controlFrame(frame), () => {
      this.#repliesUnsent--;
      if (this.#repliesUnsent <= repliesUnsentMax / 2) this.#intake.release(this.#outlet);
    });
  }

  #linkOf(streamId: number): ChannelLink {
    return {
      send: (chunks, sent) => {
        this.#idle.moved();
        this.#outlet.write(dataFrames(streamId, chunks), sent);
      },
      finish: (sent) => {
        this.#idle.moved();
        this.#markFinSent(streamId);
        this.#outlet.write([dataFrameHeader(streamId, 0, true)], sent);
      },
      abandon: () => this.#abandon(streamId),
    };
  }

  #markFinSent(streamId: number): void {
    const open = this.#streams.get(streamId);
    if (open === undefined) return;
    open.finSent = true;
    if (open.finReceived) this.#streams.delete(streamId);
  }

  /** A stream that has sent its end stays known until the client ends it too: it is told nothing more. */
  #abandon(streamId: number): void {
    const open = this.#streams.get(streamId);
    if (open === undefined || open.finSent) return;
    this.#streams.delete(streamId);
    this.#reply({ type: "rst-stream", streamId, status: rstStatus.cancel });
  }

  #stall(): void {
    this.#transport.pause();
    this.#stalledPings.start();
  }

  #unstall(): void {
    this.#stalledPings.stop();
    this.#transport.resume();
  }

  #pingWhileStalled(): void {
    if (this.#transport.writableLength > 0) return;
    this.#transport.write(controlFrame({ type: "ping", id: this.#pingId }));
    this.#pingId = this.#pingId >= pingIdMax ? pingIdMin : this.#pingId + 2;
  }

  #ended(): void {
    this.#lose(new ClientGoneError("the client closed the connection"));
    this.#idle.stop();
    this.#closed.resolve();
  }

  #lose(reason: Error): void {
    this.#stalledPings.stop();
    this.#loseStreams();
    if (!this.#closing) this.#abort.abort(reason);
    this.#closing = true;
  }

  #loseStreams(): void {
    const open = [...this.#streams.values()];
    this.#streams.clear();
    for (const { stream } of open) stream.lose();
  }
}
