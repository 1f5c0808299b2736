/** Websocket clients of the fake's socket. */
import { WebSocket } from "ws";

export interface Frame {
  text?: string;
  binary?: Buffer;
}

export interface Client {
  socket: WebSocket;
  frames: Frame[];
  /** The close code; 1006 without a close frame. */
  closed: Promise<number>;
}

/** Rejects with the HTTP status when the handshake is refused. */
export function connect(socketPath: string, path: string): Promise<Client> {
  const socket = new WebSocket(`ws+unix://${socketPath}:${path}`);
  const frames: Frame[] = [];
  socket.on("message", (data: Buffer, isBinary) =>
    frames.push(isBinary ? { binary: data } : { text: data.toString() }),
  );
  const closed = new Promise<number>((resolve) => void socket.on("close", resolve));
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve({ socket, frames, closed }));
    socket.on("error", reject);
  });
}

/** Everything binary that came, as text. */
export function textOf(client: Client): string {
  return Buffer.concat(client.frames.flatMap((frame) => frame.binary ?? [])).toString();
}
