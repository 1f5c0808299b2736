/** Connections between a guest's network and the daemon: port forwarding, proxy devices. */
import { Duplex } from "node:stream";
import type { Sleeper } from "../core/open-file.ts";
import { isErrno } from "../core/errno.ts";
import type { Listener, NetNamespace } from "./namespace.ts";
import { connectInside, type TcpEnd } from "./tcp.ts";

const chunkBytes = 65_536;

/** Waits as long as it takes; the connection's end wakes it. */
const patient: Sleeper = {
  async block(queue, attempt) {
    for (;;) {
      const result = attempt();
      if (result !== undefined) return result;
      await new Promise<void>((resolve) => {
        queue.add(resolve);
      });
    }
  },
};

/** The connection as a stream of the host. */
class TcpDuplex extends Duplex {
  readonly #end: TcpEnd;
  #reading = false;

  constructor(end: TcpEnd) {
    super({ allowHalfOpen: true });
    this.#end = end;
  }

  override _read(): void {
    if (this.#reading) return;
    this.#reading = true;
    void this.#readOnce();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    void this.#writeAll(Buffer.from(chunk), done);
  }

  override _final(done: () => void): void {
    this.#end.shutdownWrite();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#end.close();
    // A peer that is gone is the ordinary end of a forwarded connection.
    done(isErrno(error, "EPIPE") ? null : error);
  }

  async #readOnce(): Promise<void> {
    try {
      const data = await this.#end.read(patient, chunkBytes);
      this.#reading = false;
      this.push(data.length === 0 ? null : data);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  async #writeAll(data: Buffer, done: (error?: Error | null) => void): Promise<void> {
    let failure: Error | null = null;
    try {
      for (let sent = 0; sent < data.length; ) sent += await this.#end.write(patient, data.subarray(sent));
    } catch (error) {
      failure = error as Error;
    }
    done(failure);
  }
}

/** Connects from inside of the namespace, so that listeners on its loopback are reached. ECONNREFUSED. */
export async function connectGuest(namespace: NetNamespace, port: number, address = "127.0.0.1"): Promise<Duplex> {
  const target = address === "localhost" ? "127.0.0.1" : address;
  return new TcpDuplex(connectInside(namespace, target, port));
}

/** EADDRINUSE, EADDRNOTAVAIL. */
export async function listenInGuest(
  namespace: NetNamespace,
  port: number,
  address: string,
  onConnection: (connection: Duplex) => void,
): Promise<Disposable> {
  const listener: Listener = {
    address: address || "0.0.0.0",
    port,
    owner: "-",
    accept: (end) => onConnection(new TcpDuplex(end)),
  };
  namespace.addListener(listener);
  return { [Symbol.dispose]: () => void namespace.listeners.delete(listener) };
}
