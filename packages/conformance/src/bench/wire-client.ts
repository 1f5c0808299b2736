/**
 * gRPC with as little as possible on the caller's side: bytes go out, bytes come in, nothing is decoded, and all of it goes
 * through one buffer. What it takes is the server's time and the way there. `node:http2` takes a new buffer for each frame,
 * and a list of 500 containers is many frames: every few calls it would be the caller's heap that is collected and measured.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface WireClient extends AsyncDisposable {
  /**
   * `path`: `/runtime.v1.RuntimeService/Version`. Resolves with the response message, which is only valid until the next
   * call; rejects when there is none: the call failed. One call at a time.
   */
  call(path: string, request: Uint8Array): Promise<Buffer>;
}

/** Before each message of gRPC: a byte that tells compression, and the length in four. */
const MESSAGE_HEADER_BYTES = 5;
const FRAME_HEADER_BYTES = 9;
const RECEIVE_BYTES = 256 * 1024;
const RESPONSE_BYTES_MAX = 16 * 1024 * 1024;
/** The kubelet's gRPC finds out by itself that a window of 64 KiB is too small for its lists. */
const WINDOW_BYTES = 2 ** 31 - 1;
const DEFAULT_WINDOW_BYTES = 65_535;

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const Frame = { data: 0, headers: 1, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
const ACK = 0x1;
const END_STREAM = 0x1;
const END_HEADERS = 0x4;
const SETTING_INITIAL_WINDOW = 4;
/** After so many received bytes the connection's window is opened again. */
const REFILL_BYTES = 512 * 1024 * 1024;

export async function connectWire(socketPath: string): Promise<WireClient> {
  const received = Buffer.allocUnsafe(RECEIVE_BYTES);
  const connection = new Connection();
  const socket = connect({
    path: socketPath,
    onread: {
      buffer: received,
      callback: (count) => {
        connection.take(received.subarray(0, count));
        return true;
      },
    },
  });
  socket.on("error", (error) => connection.fail(error));
  socket.on("close", () => connection.fail(new Error(`${socketPath}: the connection ended`)));
  await once(socket, "connect");
  connection.open(socket);
  return {
    call: (path, request) => connection.call(path, request),
    [Symbol.asyncDispose]: async () => void socket.destroy(),
  };
}

class Connection {
  private socket: Socket | undefined;
  private stream = -1;
  private readonly body = Buffer.allocUnsafe(RESPONSE_BYTES_MAX);
  private bodyBytes = 0;
  private pending: PromiseWithResolvers<Buffer> | undefined;
  /** Of a frame that has not come whole. */
  private rest: Buffer = Buffer.alloc(0);
  private sinceRefill = 0;

  open(socket: Socket): void {
    this.socket = socket;
    const settings = Buffer.alloc(6);
    settings.writeUInt16BE(SETTING_INITIAL_WINDOW, 0);
    settings.writeUInt32BE(WINDOW_BYTES, 2);
    socket.write(
      Buffer.concat([
        PREFACE,
        frame(Frame.settings, 0, 0, settings),
        windowUpdate(WINDOW_BYTES - DEFAULT_WINDOW_BYTES),
      ]),
    );
  }

  call(path: string, request: Uint8Array): Promise<Buffer> {
    this.stream += 2;
    this.bodyBytes = 0;
    this.pending = Promise.withResolvers();
    this.socket?.write(
      Buffer.concat([
        frame(Frame.headers, END_HEADERS, this.stream, requestHeaders(path)),
        frame(Frame.data, END_STREAM, this.stream, framedMessage(request)),
      ]),
    );
    return this.pending.promise;
  }

  fail(error: Error): void {
    this.pending?.reject(error);
  }

  take(bytes: Buffer): void {
    let left = this.rest.byteLength === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    for (;;) {
      if (left.byteLength < FRAME_HEADER_BYTES) break;
      const end = FRAME_HEADER_BYTES + left.readUIntBE(0, 3);
      if (left.byteLength < end) break;
      this.takeFrame(left[3] ?? 0, left[4] ?? 0, left.subarray(FRAME_HEADER_BYTES, end));
      left = left.subarray(end);
    }
    this.rest = Buffer.from(left);
  }

  private takeFrame(type: number, flags: number, payload: Buffer): void {
    if (type === Frame.data) this.takeData(payload);
    if (type === Frame.settings && !(flags & ACK)) this.socket?.write(frame(Frame.settings, ACK, 0, Buffer.alloc(0)));
    if (type === Frame.ping && !(flags & ACK)) this.socket?.write(frame(Frame.ping, ACK, 0, payload));
    if (type === Frame.goAway) this.fail(new Error("the server sent GOAWAY"));
    if ((type === Frame.headers || type === Frame.data) && flags & END_STREAM) this.finish();
  }

  private takeData(payload: Buffer): void {
    payload.copy(this.body, this.bodyBytes);
    this.bodyBytes += payload.byteLength;
    this.sinceRefill += payload.byteLength;
    if (this.sinceRefill < REFILL_BYTES) return;
    this.socket?.write(windowUpdate(this.sinceRefill));
    this.sinceRefill = 0;
  }

  private finish(): void {
    if (this.bodyBytes < MESSAGE_HEADER_BYTES) this.fail(new Error("the call failed: it has no response message"));
    this.pending?.resolve(this.body.subarray(MESSAGE_HEADER_BYTES, this.bodyBytes));
  }
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES + payload.byteLength);
  bytes.writeUIntBE(payload.byteLength, 0, 3);
  bytes.writeUInt8(type, 3);
  bytes.writeUInt8(flags, 4);
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

function windowUpdate(increment: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(increment);
  return frame(Frame.windowUpdate, 0, 0, payload);
}

/** HPACK of RFC 7541 without its table: two headers of the static one as they are, and literals that are not kept. */
function requestHeaders(path: string): Buffer {
  const methodPost = 0x83;
  const schemeHttp = 0x86;
  return Buffer.concat([
    Buffer.from([methodPost, schemeHttp]),
    literal(":path", path),
    literal(":authority", "localhost"),
    literal("content-type", "application/grpc"),
    literal("te", "trailers"),
  ]);
}

/** Both shorter than 127 bytes: their lengths take one byte. */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), lengthAndText(name), lengthAndText(value)]);
}

function lengthAndText(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, "latin1")]);
}

function framedMessage(message: Uint8Array): Buffer {
  const bytes = Buffer.alloc(MESSAGE_HEADER_BYTES + message.byteLength);
  bytes.writeUInt32BE(message.byteLength, 1);
  bytes.set(message, MESSAGE_HEADER_BYTES);
  return bytes;
}
