/**
 * The unix socket on which an init program reports: nothing but an end when execve worked, bytes when it failed. The first bytes are
 * answered with one: a program that does not become its command while nobody is there waits for it.
 */

import type { Socket } from "node:net";
import { listenUnix } from "./unix-listener.ts";

const REPORT_BYTES_MAX = 1024;
const GO_AHEAD = Buffer.of(1);

export interface InitListener extends AsyncDisposable {
  /** All that the program sent until it became the command or ended. Rejects with the signal's reason. */
  report(signal: AbortSignal): Promise<Buffer>;
  /** The first `count` bytes, as soon as they are there. */
  first(count: number, signal: AbortSignal): Promise<Buffer>;
}

/** Injected: a simulation has no sockets. */
export interface InitSockets {
  /** Listens at the path until it is disposed of. */
  listen(path: string): Promise<InitListener>;
}

export function createSystemInitSockets(): InitSockets {
  return { listen: listenForInit };
}

export async function listenForInit(path: string): Promise<InitListener> {
  const received: Buffer[] = [];
  let ended = false;
  const waiters = new Set<() => void>();
  const wake = (): void => {
    for (const waiter of waiters) waiter();
  };
  const onConnection = (socket: Socket): void => {
    socket.on("data", (chunk: Buffer) => {
      if (received.length === 0) socket.write(GO_AHEAD);
      if (Buffer.concat(received).length < REPORT_BYTES_MAX) received.push(chunk);
      wake();
    });
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      ended = true;
      wake();
    });
  };
  const server = await listenUnix(path, onConnection);
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
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
