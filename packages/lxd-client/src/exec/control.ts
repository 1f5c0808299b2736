/** The control websocket: window size and signals. */
import { WebSocket } from "ws";
import { LxdError } from "../errors.ts";
import type { ExecControl } from "../schema/exec.ts";

export function sendControl(socket: WebSocket | undefined, message: ExecControl): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket?.readyState !== WebSocket.OPEN) return reject(ended());
    return socket.send(JSON.stringify(message), (error) => (error ? reject(ended(error)) : resolve()));
  });
}

function ended(cause?: Error): LxdError {
  return new LxdError("not-running", "the command has ended", { cause });
}

export const windowResize = (width: number, height: number): ExecControl => ({
  command: "window-resize",
  args: { width: String(width), height: String(height) },
});
