/** The unix socket on which an init program reports: nothing but an end when execve worked, bytes when it failed. */

import { constants } from "node:fs";
import { chmod, open, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { basename, dirname } from "node:path";

const SOCKET_MODE = 0o666; // the container's root is another user here; the directory above is closed to others
const REPORT_BYTES_MAX = 1024;

export interface InitListener extends AsyncDisposable {
  /** All that the program sent until it became the command or ended. Rejects with the signal's reason. */
  report(signal: AbortSignal): Promise<Buffer>;
  /** The first `count` bytes, as soon as they are there. */
  first(count: number, signal: AbortSignal): Promise<Buffer>;
}

/** The kernel takes 107 bytes for a socket's name. A longer one is reached by its directory's descriptor. */
const SOCKET_NAME_BYTES_MAX = 107;

interface SocketName extends AsyncDisposable {
  readonly name: string;
}

/** Must outlive the server: Node removes the socket by this name when the server closes. */
async function socketName(path: string): Promise<SocketName> {
  if (Buffer.byteLength(path) <= SOCKET_NAME_BYTES_MAX) return { name: path, [Symbol.asyncDispose]: async () => {} };
  const directory = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  return {
    name: `/proc/self/fd/${directory.fd}/${basename(path)}`,
    [Symbol.asyncDispose]: () => directory.close(),
  };
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
  const socket = await socketName(path);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket.name, resolve);
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
      await socket[Symbol.asyncDispose]();
      await rm(path, { force: true });
    },
  };
}
