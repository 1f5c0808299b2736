/** The numbered channels of a WebSocket as streams. */

import type { WebSocket } from "ws";
import { type ChannelLink, ChannelStream } from "../channel-stream.ts";
import { dataFrameBytesMax } from "../limits.ts";
import { closeChannel, decodeMessage, encodeMessage } from "./channel-message.ts";
import { LiveSocket, type LiveSocketOptions } from "./live-socket.ts";
import type { ChannelProtocol } from "./protocols.ts";

/** What a client must not send, as a close code. */
const protocolError = 1002;

export interface ChannelsOptions extends LiveSocketOptions {
  protocol: ChannelProtocol;
  /** The numbers below this exist. */
  channelsMax: number;
}

export class WebSocketChannels {
  readonly #live: LiveSocket;
  readonly #protocol: ChannelProtocol;
  readonly #channelsMax: number;
  readonly #streams = new Map<number, ChannelStream>();

  constructor(webSocket: WebSocket, options: ChannelsOptions) {
    this.#live = new LiveSocket(webSocket, options);
    this.#protocol = options.protocol;
    this.#channelsMax = options.channelsMax;
    this.#live.onMessage((message, isBinary) => this.#receive(message, isBinary));
    void this.#live.closed.then(() => this.#loseStreams());
    this.signal.addEventListener("abort", () => this.#loseStreams(), { once: true });
  }

  get signal(): AbortSignal {
    return this.#live.signal;
  }

  get closed(): Promise<void> {
    return this.#live.closed;
  }

  open(channel: number): ChannelStream {
    const stream = new ChannelStream(this.#linkOf(channel), this.#live.intake);
    this.#streams.set(channel, stream);
    return stream;
  }

  /** Writes a message of its own, even an empty one. */
  announce(channel: number, payload: Buffer): void {
    this.#live.send(encodeMessage(channel, payload, this.#protocol), () => {});
  }

  close(): Promise<void> {
    return this.#live.close();
  }

  destroy(reason: Error): void {
    this.#live.destroy(reason);
  }

  #receive(message: Buffer, isBinary: boolean): void {
    if (this.#protocol.closes && !isBinary) {
      this.#live.refuse(protocolError, new Error("a text message"));
      return;
    }
    const decoded = decodeMessage(message, this.#protocol);
    if (decoded === undefined) return;
    if (this.#protocol.closes && decoded.channel === closeChannel) this.#endChannel(decoded.payload);
    else this.#streams.get(decoded.channel)?.deliver(decoded.payload);
  }

  #endChannel(payload: Buffer): void {
    const channel = payload[0];
    if (channel === undefined || payload.length !== 1 || channel >= this.#channelsMax) {
      this.#live.refuse(protocolError, new Error("a close of no channel"));
      return;
    }
    this.#streams.get(channel)?.deliverEnd();
  }

  #linkOf(channel: number): ChannelLink {
    return {
      send: (chunks, sent) => this.#send(channel, chunks, sent),
      // Ends of single channels are not told to clients: all end with the connection.
      finish: (sent) => sent(),
      abandon: () => {},
    };
  }

  #send(channel: number, chunks: readonly Buffer[], sent: (error?: Error | null) => void): void {
    const messages = chunks.flatMap(pieces).map((piece) => encodeMessage(channel, piece, this.#protocol));
    const last = messages.pop();
    for (const message of messages) this.#live.send(message, () => {});
    if (last === undefined) sent();
    else this.#live.send(last, sent);
  }

  #loseStreams(): void {
    for (const stream of this.#streams.values()) stream.lose();
  }
}

function pieces(chunk: Buffer): Buffer[] {
  const count = Math.ceil(chunk.length / dataFrameBytesMax);
  return Array.from({ length: count }, (_, index) =>
    chunk.subarray(index * dataFrameBytesMax, (index + 1) * dataFrameBytesMax),
  );
}
