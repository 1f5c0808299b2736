/**
 * The far end of a WebSocket tunnel, frame by frame: `ws` and undici both refuse to ask for the tunnel's protocol, because of the
 * slash in its name. Cuts what it sends where no SPDY frame ends.
 */

import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { requestUpgrade } from "./http-upgrade.ts";

const opcode = { text: 1, binary: 2, close: 8 } as const;
const pieceBytes = 5;
const mask = Buffer.from([1, 2, 3, 4]);

/** In a close message, which may be empty. */
const noCode = 1005;

export class TunnelClient extends Duplex {
  readonly #socket: Socket;
  readonly #closeCode = Promise.withResolvers<number | undefined>();
  #received = Buffer.alloc(0);

  constructor(socket: Socket, head: Buffer) {
    super();
    this.#socket = socket;
    this.#take(head);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("close", () => {
      this.#closeCode.resolve(undefined);
      this.push(null);
      this.destroy();
    });
  }

  static async connect(url: string): Promise<TunnelClient> {
    const headers = [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io",
    ];
    const answer = await requestUpgrade(url, headers, { method: "GET" });
    if (answer.status !== 101) throw new Error(`refused with ${answer.status}`);
    if (!answer.headers.includes("Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io"))
      throw new Error("another protocol");
    return new TunnelClient(answer.socket, answer.rest);
  }

  /** That of the server's close message; `undefined` if it only cut the connection. */
  get closeCode(): Promise<number | undefined> {
    return this.#closeCode.promise;
  }

  sendText(): void {
    this.#send(opcode.text, Buffer.from("text"));
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    for (let at = 0; at < chunk.length; at += pieceBytes)
      this.#send(opcode.binary, chunk.subarray(at, at + pieceBytes));
    done();
  }

  override _final(done: () => void): void {
    this.#send(opcode.close, Buffer.from([1000 >> 8, 1000 & 0xff]));
    done();
  }

  #send(type: number, payload: Buffer): void {
    const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    this.#socket.write(Buffer.concat([Buffer.from([0x80 | type, 0x80 | payload.length]), mask, masked]));
  }

  /** Servers do not mask; messages here are below 64 KiB and whole. */
  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4) {
      const short = this.#received.readUInt8(1);
      const start = short === 126 ? 4 : 2;
      const end = start + (short === 126 ? this.#received.readUInt16BE(2) : short);
      if (this.#received.length < end) return;
      this.#message(this.#received.readUInt8(0) & 0x0f, this.#received.subarray(start, end));
      this.#received = this.#received.subarray(end);
    }
  }

  #message(type: number, payload: Buffer): void {
    if (type === opcode.binary) this.push(payload);
    if (type !== opcode.close) return;
    this.#closeCode.resolve(payload.length >= 2 ? payload.readUInt16BE(0) : noCode);
    this.end();
  }
}
