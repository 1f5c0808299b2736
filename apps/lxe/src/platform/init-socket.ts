/**
 * The unix socket on which an init program reports: nothing but an end when execve worked, bytes when it failed. The first bytes are
 * answered with one: a program that does not become its command while nobody is there waits for it.
 */

import type { Duplex } from "node:stream";
import { listenUnix } from "./unix-listener.ts";

const REPORT_BYTES_MAX = 1024;
const GO_AHEAD = Buffer.of(1);

export interface InitListener extends AsyncDisposable {
  /** All that the program sent until it became the command or ended. Rejects with the signal's reason. */
  report(signal: AbortSignal): Promise<Buffer>;
  /** The first `count` bytes, as soon as they are there. */
  first(count: number, signal: AbortSignal): Promise<Buffer>;
  /**
   * From now on for another program, and for no more than one: what came before is forgotten. Its first bytes are answered with these,
   * or with an end where they cannot be had.
   */
  renew(answer: Promise<Uint8Array>): void;
  /** Whether a program came and has gone. */
  readonly hasEnded: boolean;
}

/** Injected: a simulation has no sockets. */
export interface InitSockets {
  /** Listens at the path until it is disposed of. */
  listen(path: string): Promise<InitListener>;
}

export function createSystemInitSockets(): InitSockets {
  return { listen: listenForInit };
}

/** What one program tells; of those that init programs report to, all that come. */
class Told {
  readonly #answer: Promise<Uint8Array> | undefined;
  readonly #received: Buffer[] = [];
  readonly #waiters = new Set<() => void>();
  #isTaken = false;
  ended = false;

  constructor(answer?: Promise<Uint8Array>) {
    this.#answer = answer;
    answer?.catch(() => undefined); // it may be that no program comes
  }

  /** A connection to take from; false: to one more than there may be. */
  take(socket: Duplex): boolean {
    if (this.#answer && this.#isTaken) return false;
    this.#isTaken = true;
    socket.on("data", (chunk: Buffer) => {
      if (this.#received.length === 0) void this.#reply(socket);
      if (this.bytes().length < REPORT_BYTES_MAX) this.#received.push(chunk);
      this.#wake();
    });
    socket.on("error", () => socket.destroy());
    const onEnd = (): void => {
      this.ended = true;
      this.#wake();
    };
    socket.on("end", () => {
      socket.end();
      onEnd();
    });
    socket.on("close", onEnd);
    return true;
  }

  async #reply(socket: Duplex): Promise<void> {
    if (!this.#answer) return void socket.write(GO_AHEAD);
    try {
      socket.write(await this.#answer);
    } catch {
      socket.destroy();
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#received);
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter();
  }

  until(done: () => boolean, signal: AbortSignal): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (!done()) return;
        end();
        resolve(this.bytes());
      };
      const onAbort = (): void => {
        end();
        reject(signal.reason);
      };
      const end = (): void => {
        this.#waiters.delete(check);
        signal.removeEventListener("abort", onAbort);
      };
      this.#waiters.add(check);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
      else check();
    });
  }
}

export function listenForInit(path: string): Promise<InitListener> {
  return initListener((onConnection) => listenUnix(path, onConnection));
}

/** On whatever connections come from. */
export async function initListener(
  listen: (onConnection: (socket: Duplex) => void) => Promise<AsyncDisposable>,
): Promise<InitListener> {
  let told = new Told();
  const server = await listen((socket) => {
    if (!told.take(socket)) socket.destroy();
  });
  return {
    report: (signal) => {
      const current = told;
      return current.until(() => current.ended, signal);
    },
    first: (count, signal) => {
      const current = told;
      return current.until(() => current.ended || current.bytes().length >= count, signal);
    },
    renew: (answer) => {
      told = new Told(answer);
    },
    get hasEnded() {
      return told.ended;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
