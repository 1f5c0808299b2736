/**
 * A SPDY/3.1 client for tests, with a stream life cycle of its own. It does what Go's clients do, and on request what they would
 * not.
 */

import type { Duplex } from "node:stream";
import { controlFrame, dataFrameHeader } from "../spdy/frame-writer.ts";
import { type ControlFrame, type Frame, rstStatus } from "../spdy/frame.ts";
import { FrameParser } from "../spdy/frame-parser.ts";
import { HeaderDecoder, HeaderEncoder } from "../spdy/header-codec.ts";
import { requestUpgrade } from "./http-upgrade.ts";

export class SpdyTestStream {
  readonly id: number;
  readonly #client: SpdyTestClient;
  readonly #replied = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<"fin" | "reset" | "closed">();
  resetStatus: number | undefined;
  #pieces: Buffer[] = [];
  #onPiece: ((piece: Buffer) => void) | undefined;

  constructor(client: SpdyTestClient, id: number) {
    this.#client = client;
    this.id = id;
    this.#replied.promise.catch(() => {});
  }

  get replied(): Promise<void> {
    return this.#replied.promise;
  }

  /** Takes what has arrived and will, in place of `text`. */
  onPiece(take: (piece: Buffer) => void): void {
    this.#onPiece = take;
    for (const piece of this.#pieces.splice(0)) take(piece);
  }

  /** How the server's side ended. */
  get ended(): Promise<"fin" | "reset" | "closed"> {
    return this.#ended.promise;
  }

  /** All that came, once the server's side has ended. */
  async text(): Promise<string> {
    await this.ended;
    return Buffer.concat(this.#pieces).toString();
  }

  get textSoFar(): string {
    return Buffer.concat(this.#pieces).toString();
  }

  /** Resolves when the socket has taken it. */
  write(data: string | Buffer, fin = false): Promise<void> {
    const bytes = Buffer.from(data);
    return this.#client.send(Buffer.concat([dataFrameHeader(this.id, bytes.length, fin), bytes]));
  }

  end(): Promise<void> {
    return this.write("", true);
  }

  reset(): Promise<void> {
    return this.#client.sendFrame({ type: "rst-stream", streamId: this.id, status: rstStatus.cancel });
  }

  take(frame: Frame | "closed"): void {
    if (frame === "closed") {
      this.#replied.reject(new Error("the connection was closed before a reply"));
      this.#ended.resolve("closed");
    } else if (frame.type === "syn-reply") this.#replied.resolve();
    else if (frame.type === "rst-stream") {
      this.resetStatus = frame.status;
      this.#replied.reject(new Error(`the stream was reset: ${frame.status}`));
      this.#ended.resolve("reset");
    } else if (frame.type === "data") {
      if (this.#onPiece === undefined) this.#pieces.push(frame.piece);
      else this.#onPiece(frame.piece);
      if (frame.fin) this.#ended.resolve("fin");
    }
  }
}

export class SpdyTestClient {
  readonly socket: Duplex;
  readonly protocol: string;
  /** Pings, settings, good-byes. */
  readonly frames: Frame[] = [];
  readonly #encoder = new HeaderEncoder();
  readonly #decoder = new HeaderDecoder();
  readonly #streams = new Map<number, SpdyTestStream>();
  readonly #closed = Promise.withResolvers<void>();
  #nextId = 1;

  constructor(socket: Duplex, protocol: string, head: Buffer) {
    this.socket = socket;
    this.protocol = protocol;
    const parser = new FrameParser();
    const take = (chunk: Buffer) => parser.push(chunk, (frame) => this.#take(frame));
    if (head.length > 0) take(head);
    socket.on("data", take);
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      for (const stream of this.#streams.values()) stream.take("closed");
      this.#closed.resolve();
    });
  }

  static async connect(url: string, protocols: readonly string[] = ["v4.channel.k8s.io"]): Promise<SpdyTestClient> {
    const answer = await requestUpgrade(url, [
      "Connection: Upgrade",
      "Upgrade: SPDY/3.1",
      ...protocols.map((protocol) => `X-Stream-Protocol-Version: ${protocol}`),
    ]);
    if (answer.status !== 101) throw new Error(`refused with ${answer.status}: ${answer.rest.toString()}`);
    const header = answer.headers.find((line) => line.startsWith("X-Stream-Protocol-Version: ")) ?? "";
    return new SpdyTestClient(answer.socket, header.split(": ")[1] ?? "", answer.rest);
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Opens a stream without waiting for the reply. */
  start(
    headers: Record<string, string>,
    { fin = false, id = this.#nextId }: { fin?: boolean; id?: number } = {},
  ): SpdyTestStream {
    const stream = new SpdyTestStream(this, id);
    this.#nextId = Math.max(this.#nextId, id) + 2;
    this.#streams.set(id, stream);
    const headerBlock = this.#encoder.encode(new Map(Object.entries(headers)));
    void this.sendFrame({ type: "syn-stream", streamId: id, fin, unidirectional: false, headerBlock });
    return stream;
  }

  async open(headers: Record<string, string>): Promise<SpdyTestStream> {
    const stream = this.start(headers);
    await stream.replied;
    return stream;
  }

  /** In the order in which Go's clients do. */
  async openAll<Role extends string>(...roles: Role[]): Promise<Record<Role, SpdyTestStream>> {
    const streams = {} as Record<Role, SpdyTestStream>;
    for (const role of roles) streams[role] = await this.open({ streamtype: role });
    return streams;
  }

  sendFrame(frame: ControlFrame): Promise<void> {
    return this.send(controlFrame(frame));
  }

  send(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.socket.write(bytes, () => resolve());
    });
  }

  #take(frame: Frame): void {
    if (frame.type === "syn-reply") this.#decoder.decode(frame.headerBlock);
    if ("streamId" in frame) this.#streams.get(frame.streamId)?.take(frame);
    else this.frames.push(frame);
  }
}
