/** TCP between guests: a pair of pipes per connection. The host's network namespace has real sockets besides. */
import net from "node:net";
import { Errno, errnoOfHost } from "../core/errno.ts";
import { O_RDWR, OpenFile, type Sleeper } from "../core/open-file.ts";
import { Pipe } from "../core/pipe.ts";
import type { Process } from "../core/process.ts";
import { WaitQueue } from "../core/wait-queue.ts";
import { anonymousStat, type Stat } from "../vfs/types.ts";
import type { Interface, Listener, NetNamespace } from "./namespace.ts";
import { StreamChannel } from "./stream-channel.ts";

export interface Endpoint {
  address: string;
  port: number;
}

/** Half of a connection, as its owner sees it. */
export class TcpEnd {
  readonly incoming: Pipe;
  readonly outgoing: Pipe;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly owner: NetNamespace;
  readonly #via: Interface | undefined;
  #writing = true;
  #reading = true;
  #readShut = false;

  constructor(
    incoming: Pipe,
    outgoing: Pipe,
    local: Endpoint,
    remote: Endpoint,
    owner: NetNamespace,
    via: Interface | undefined,
  ) {
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.local = local;
    this.remote = remote;
    this.owner = owner;
    this.#via = via;
    incoming.readers++;
    outgoing.writers++;
    owner.connections.add(this);
  }

  read(sleeper: Sleeper, max: number): Promise<Buffer> {
    return sleeper.block(this.incoming.changed, () => {
      if (this.incoming.size > 0) return this.#received(this.incoming.take(max));
      return this.#ended ? Buffer.alloc(0) : undefined;
    });
  }

  write(sleeper: Sleeper, data: Buffer): Promise<number> {
    return sleeper.block(this.outgoing.changed, () => {
      if (this.outgoing.readers === 0 || !this.#writing) throw new Errno("EPIPE");
      const count = this.outgoing.put(data);
      if (count > 0 && this.#via) {
        this.#via.bytesSent += count;
        this.#via.packetsSent++;
      }
      return count || undefined;
    });
  }

  get changed(): WaitQueue {
    return this.incoming.changed;
  }

  /** Whether a read would not wait. */
  hasInput(): boolean {
    return this.incoming.size > 0 || this.#ended;
  }

  shutdownRead(): void {
    this.#readShut = true;
    this.incoming.changed.wake();
  }

  shutdownWrite(): void {
    if (!this.#writing) return;
    this.#writing = false;
    this.outgoing.writers--;
    this.outgoing.changed.wake();
  }

  close(): void {
    this.shutdownWrite();
    if (!this.#reading) return;
    this.#reading = false;
    this.incoming.readers--;
    this.incoming.changed.wake();
    this.owner.connections.delete(this);
  }

  get #ended(): boolean {
    return this.incoming.writers === 0 || this.#readShut;
  }

  #received(data: Buffer): Buffer {
    if (this.#via) {
      this.#via.bytesReceived += data.length;
      this.#via.packetsReceived++;
    }
    return data;
  }
}

/** Connects at once or fails with ECONNREFUSED, ENETUNREACH or EHOSTUNREACH. */
export function connectInside(from: NetNamespace, address: string, port: number): TcpEnd {
  const via = from.route(address);
  if (!via && !from.isHost) throw new Errno("ENETUNREACH");
  const target = from.owns(address) ? { namespace: from, via } : from.fabric.find(from, via, address);
  if (!target) throw new Errno("EHOSTUNREACH");
  const listener = target.namespace.findListener(address, port);
  if (!listener) throw new Errno("ECONNREFUSED");
  const local = { address: from.addressFor(address), port: from.ephemeralPort() };
  const remote = { address, port };
  const [there, back] = [new Pipe(), new Pipe()];
  const near = new TcpEnd(back, there, local, remote, from, via);
  listener.accept(new TcpEnd(there, back, remote, local, target.namespace, target.via));
  return near;
}

/** A connected socket as a file. */
export class TcpSocket extends OpenFile {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #channel: TcpEnd | StreamChannel;

  constructor(channel: TcpEnd | StreamChannel, local: Endpoint, remote: Endpoint) {
    super(O_RDWR);
    this.#channel = channel;
    this.local = local;
    this.remote = remote;
  }

  read(sleeper: Sleeper, max: number): Promise<Buffer> {
    return this.#channel.read(sleeper, max);
  }

  write(sleeper: Sleeper, data: Buffer): Promise<number> {
    return this.#channel.write(sleeper, data);
  }

  hasInput(): boolean {
    return this.#channel.hasInput();
  }

  get changed(): WaitQueue {
    return this.#channel.changed;
  }

  shutdownRead(): void {
    this.#channel.shutdownRead();
  }

  shutdownWrite(): void {
    this.#channel.shutdownWrite();
  }

  stat(): Stat {
    return anonymousStat("socket", 5);
  }

  override describe(): string {
    return "socket:[5]";
  }

  protected override onLastClose(): void {
    this.#channel.close();
  }
}

export async function connectTcp(process: Process, address: string, port: number): Promise<TcpSocket> {
  await process.call();
  const { net: namespace } = process.namespaces;
  if (
    namespace.isHost &&
    !namespace.findListener(address, port) &&
    !namespace.fabric.find(namespace, undefined, address)
  ) {
    return connectHost(process, address, port);
  }
  const end = connectInside(namespace, address, port);
  return new TcpSocket(end, end.local, end.remote);
}

async function connectHost(process: Process, host: string, port: number): Promise<TcpSocket> {
  const socket = net.connect({ host, port, allowHalfOpen: true });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.on("error", (error) => reject(errnoOfHost(error)));
  });
  await process.wait(connected);
  const local = { address: socket.localAddress ?? "", port: socket.localPort ?? 0 };
  return new TcpSocket(new StreamChannel(socket), local, { address: host, port });
}

/** A listening socket; in the host's namespace a real one. */
export class TcpListener extends OpenFile implements Listener {
  readonly address: string;
  readonly port: number;
  readonly owner: string;
  readonly #namespace: NetNamespace;
  readonly #arrived = new WaitQueue();
  readonly #queue: TcpSocket[] = [];
  #server: net.Server | undefined;

  constructor(namespace: NetNamespace, address: string, port: number, owner: string) {
    super(O_RDWR);
    this.#namespace = namespace;
    this.address = address;
    this.port = port;
    this.owner = owner;
    namespace.addListener(this);
  }

  /** For the host's namespace: also listens on the real host. */
  async listenOnHost(process: Process): Promise<void> {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      const remote = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
      this.#arrive(new TcpSocket(new StreamChannel(socket), { address: this.address, port: this.port }, remote));
    });
    this.#server = server;
    await process.wait(
      new Promise<void>((resolve, reject) => {
        server.once("error", (error) => reject(errnoOfHost(error)));
        server.listen(this.port, this.address, resolve);
      }),
    );
  }

  accept(end: TcpEnd): void {
    this.#arrive(new TcpSocket(end, end.local, end.remote));
  }

  async nextConnection(process: Process): Promise<TcpSocket> {
    return process.block(this.#arrived, () => this.#queue.shift());
  }

  async read(): Promise<Buffer> {
    throw new Errno("ENOTCONN");
  }

  async write(): Promise<number> {
    throw new Errno("ENOTCONN");
  }

  stat(): Stat {
    return anonymousStat("socket", 6);
  }

  override describe(): string {
    return "socket:[6]";
  }

  protected override onLastClose(): void {
    this.#namespace.listeners.delete(this);
    this.#server?.close();
    for (const waiting of this.#queue) waiting.acquire().release();
  }

  #arrive(socket: TcpSocket): void {
    this.#queue.push(socket);
    this.#arrived.wake();
  }
}

/** Returns the listener's descriptor too. EADDRINUSE, EADDRNOTAVAIL. */
export async function listenTcp(
  process: Process,
  address: string,
  port: number,
): Promise<{ fd: number; listener: TcpListener }> {
  await process.call();
  const { net: namespace } = process.namespaces;
  const listener = new TcpListener(
    namespace,
    address,
    port || namespace.ephemeralPort(),
    `${process.pid}/${process.comm}`,
  );
  const fd = process.fds.add(listener, true);
  if (namespace.isHost) await listener.listenOnHost(process);
  return { fd, listener };
}
