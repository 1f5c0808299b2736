/** The unix socket on which an init program reports: nothing but an end when execve worked, bytes when it failed. */

import { chmod, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";

const SOCKET_MODE = 0o666; // the container's root is another user here; the directory above is closed to others
const REPORT_BYTES_MAX = 1024;

export interface InitListener extends AsyncDisposable {
  /** All that the program sent until it became the command or ended. Rejects with the signal's reason. */
  report(signal: AbortSignal): Promise<Buffer>;
  /** The first `count` bytes, as soon as they are there. */
  first(count: number, signal: AbortSignal): Promise<Buffer>;
}

export async function listenForInit(path: string): Promise<InitListener> {
  await rm(path, { force: true });
  const received: Buffer[] = [];
  let ended = false;
  const waiters = new Set<() => void>();
  const wake = (): void => {
    for (const waiter of waiters) waiter();
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("data", (chunk: Buffer) => {
      if (Buffer.concat(received).length < REPORT_BYTES_MAX) received.push(chunk);
      wake();
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      ended = true;
      wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  await chmod(path, SOCKET_MODE);
  const until = (done: () => boolean, signal: AbortSignal): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!done()) return;
        end();
        resolve(Buffer.concat(received));
      };
      const onAbort = (): void => {
        end();
        reject(signal.reason);
      };
      const end = (): void => {
        waiters.delete(check);
        signal.removeEventListener("abort", onAbort);
      };
      waiters.add(check);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
      else check();
    });
  return {
    report: (signal) => until(() => ended, signal),
    first: (count, signal) => until(() => ended || Buffer.concat(received).length >= count, signal),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(path, { force: true });
    },
  };
}
