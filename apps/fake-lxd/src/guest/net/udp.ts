/** Datagrams between guests: bound sockets with a queue. What nobody awaits is dropped. */
import { Errno } from "../core/errno.ts";
import { O_RDWR, OpenFile } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";
import { WaitQueue } from "../core/wait-queue.ts";
import { anonymousStat, type Stat } from "../vfs/types.ts";
import { isAny, type NetNamespace } from "./namespace.ts";
import type { Endpoint } from "./tcp.ts";

const datagramsMax = 256;

export interface Datagram {
  data: Buffer;
  from: Endpoint;
}

export class UdpSocket extends OpenFile {
  readonly address: string;
  readonly port: number;
  readonly owner: string;
  readonly #namespace: NetNamespace;
  readonly #queue: Datagram[] = [];
  readonly #arrived = new WaitQueue();

  constructor(process: Process, address: string, port: number) {
    super(O_RDWR);
    this.#namespace = process.namespaces.net;
    this.address = address;
    this.port = port || this.#namespace.ephemeralPort();
    this.owner = `${process.pid}/${process.comm}`;
    const clash = [...this.#namespace.udp].some(
      (one) => one.port === this.port && (one.address === address || isAny(one.address) || isAny(address)),
    );
    if (clash) throw new Errno("EADDRINUSE");
    this.#namespace.udp.add(this);
  }

  receive(process: Process): Promise<Datagram> {
    return process.block(this.#arrived, () => this.#queue.shift());
  }

  /** ECONNREFUSED when the machine is reached but nobody has the port. */
  send(data: Buffer, to: Endpoint): void {
    const namespace = this.#namespace;
    const via = namespace.route(to.address);
    if (!via) throw new Errno("ENETUNREACH");
    const target = namespace.owns(to.address)
      ? namespace
      : namespace.fabric.find(namespace, via, to.address)?.namespace;
    if (!target) throw new Errno("EHOSTUNREACH");
    const socket = [...target.udp].find(
      (one) => one.port === to.port && (isAny(one.address) || one.address === to.address),
    );
    if (!socket) throw new Errno("ECONNREFUSED");
    socket.#arrive({ data: Buffer.from(data), from: { address: namespace.addressFor(to.address), port: this.port } });
  }

  async read(): Promise<Buffer> {
    throw new Errno("EINVAL");
  }

  async write(): Promise<number> {
    throw new Errno("EINVAL");
  }

  stat(): Stat {
    return anonymousStat("socket", 7);
  }

  protected override onLastClose(): void {
    this.#namespace.udp.delete(this);
  }

  #arrive(datagram: Datagram): void {
    if (this.#queue.length >= datagramsMax) return;
    this.#queue.push(datagram);
    this.#arrived.wake();
  }
}
