/** What the server sends on a websocket, as a stream. */
import { Readable } from "node:stream";
import type { WebSocket } from "ws";

/**
 * Ends at the server's barrier (an empty or a text frame), or when the socket closes in whatever way: LXD cuts sockets without a
 * close frame. A full buffer stops reading from the socket. A destroyed stream lets the rest go, so that the command is not blocked.
 */
export function readableFrom(socket: WebSocket, bufferBytes: number): Readable {
  let ended = false;
  const stream = new Readable({
    highWaterMark: bufferBytes,
    read: () => resume(socket),
    destroy(error, done) {
      ended = true;
      resume(socket);
      done(error);
    },
  });
  const end = () => {
    if (ended) return;
    ended = true;
    resume(socket);
    stream.push(null);
  };
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (ended) return;
    if (!isBinary || data.length === 0) end();
    else if (!stream.push(data)) socket.pause();
  });
  socket.on("close", end);
  return stream;
}

/** Calls back at the server's barrier. */
export function onBarrier(socket: WebSocket, callback: () => void): void {
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (!isBinary || data.length === 0) callback();
  });
}

/** ws throws when it is asked to resume a socket that never came to be. */
function resume(socket: WebSocket): void {
  if (socket.isPaused) socket.resume();
}
