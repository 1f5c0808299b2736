/** Websockets as streams, with backpressure both ways. */
import { PassThrough, Writable } from "node:stream";
import { execFrameBytes } from "../../limits.ts";
import type { OperationSocket } from "../operations.ts";

/** What the client sends; a text message or the socket's end is the end of the stream. */
export function readableFrom(socket: OperationSocket, onEnd?: () => void): PassThrough {
  const stream = new PassThrough();
  stream.on("drain", () => socket.resume());
  const end = () => {
    if (!stream.writableEnded) stream.end();
    onEnd?.();
  };
  socket.onMessage((message) => {
    if (!("binary" in message)) end();
    else if (!stream.writableEnded && !stream.write(message.binary)) socket.pause();
  });
  return stream;
}

/** What cannot be sent any more is dropped, as a broken pipe's data. */
async function sendAll(socket: OperationSocket, chunk: Buffer, done: () => void): Promise<void> {
  try {
    for (let offset = 0; offset < chunk.length; offset += execFrameBytes) {
      await socket.send(chunk.subarray(offset, offset + execFrameBytes));
    }
  } catch {
    // The socket's close is handled where it is listened for.
  }
  done();
}

/** Binary frames to the client. */
export function writableTo(socket: () => OperationSocket | undefined): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const target = socket();
      if (target === undefined) done();
      else void sendAll(target, chunk, done);
    },
  });
}
