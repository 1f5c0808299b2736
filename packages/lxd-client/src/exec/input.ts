/** A stream whose bytes go to a websocket. */
import { Writable } from "node:stream";
import { WebSocket } from "ws";

export interface InputOptions {
  /** Larger writes are cut into frames of this size. */
  frameBytes: number;
  /** Does `end()` tell the server? */
  sendsEnd: boolean;
}

/**
 * A write is done when the kernel took it, so a slow command slows the writer. Once the socket is closed nobody reads any more: what
 * is written then is dropped, as an error would hit callers who could do nothing about it.
 */
export function writableTo(socket: WebSocket, { frameBytes, sendsEnd }: InputOptions): Writable {
  const send = (data: Buffer | string, done: () => void) => {
    if (socket.readyState !== WebSocket.OPEN) return done();
    return socket.send(data, { binary: typeof data !== "string" }, () => done());
  };
  const sendFrom = (chunk: Buffer, offset: number, done: () => void): void => {
    if (offset >= chunk.length) return done();
    const end = offset + frameBytes;
    return send(chunk.subarray(offset, end), () => sendFrom(chunk, end, done));
  };
  return new Writable({
    decodeStrings: true,
    write: (chunk: Buffer, _encoding, done) => sendFrom(chunk, 0, done),
    // An empty text frame is LXD's end of file.
    final: (done) => (sendsEnd ? send("", done) : done()),
  });
}
