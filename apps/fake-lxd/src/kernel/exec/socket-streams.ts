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

async function sendAll(socket: OperationSocket, chunk: Buffer): Promise<void> {
  for (let offset = 0; offset < chunk.length; offset += execFrameBytes) {
    await socket.send(chunk.subarray(offset, offset + execFrameBytes));
  }
}

/** Binary frames to the client; what cannot be sent any more is dropped, as a broken pipe's data. */
export function writableTo(socket: () => OperationSocket | undefined): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const target = socket();
      if (target === undefined) done();
      else
        sendAll(target, chunk).then(
          () => done(),
          () => done(),
        );
    },
  });
}
