/** A unix stream socket of a guest, connected to or listening for real sockets of the host, through a socket file in a bind mount. */
import type { Duplex } from "node:stream";
import type { Host } from "../../platform/types.ts";
import { Errno, errnoOfHost } from "../core/errno.ts";
import { O_RDWR, OpenFile, type Sleeper } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";
import { WaitQueue } from "../core/wait-queue.ts";
import { anonymousStat, S_IFMT, S_IFSOCK, type Stat } from "../vfs/types.ts";
import { require, W_OK } from "../vfs/credentials.ts";
import { locate, statOf } from "../vfs/walk.ts";
import { StreamChannel } from "./stream-channel.ts";

export class UnixSocket extends OpenFile {
  /** Where it was bound: the guest's path and the host's. */
  bound: { readonly path: string; readonly hostPath: string } | undefined;
  #channel: StreamChannel | undefined;
  #listener: Disposable | undefined;
  readonly #arrived: Duplex[] = [];
  readonly #arrival = new WaitQueue();

  constructor() {
    super(O_RDWR);
  }

  attach(socket: Duplex): void {
    this.#channel = new StreamChannel(socket);
  }

  async listen(host: Host): Promise<void> {
    if (!this.bound) throw new Errno("EINVAL");
    this.#listener = await host.listen(this.bound.hostPath, (socket) => {
      this.#arrived.push(socket);
      this.#arrival.wake();
    });
  }

  async accept(sleeper: Sleeper): Promise<UnixSocket> {
    if (!this.#listener) throw new Errno("EINVAL");
    const accepted = new UnixSocket();
    accepted.attach(await sleeper.block(this.#arrival, () => this.#arrived.shift()));
    return accepted;
  }

  read(sleeper: Sleeper, max: number): Promise<Buffer> {
    return this.#connected().read(sleeper, max);
  }

  write(sleeper: Sleeper, data: Buffer): Promise<number> {
    return this.#connected().write(sleeper, data);
  }

  /** A socket that is not connected has its end already. */
  hasInput(): boolean {
    return this.#channel?.hasInput() ?? true;
  }

  get changed(): WaitQueue {
    return this.#connected().changed;
  }

  shutdownRead(): void {
    this.#connected().shutdownRead();
  }

  shutdownWrite(): void {
    this.#connected().shutdownWrite();
  }

  stat(): Stat {
    return anonymousStat("socket", 4);
  }

  override describe(): string {
    return "socket:[4]";
  }

  protected override onLastClose(): void {
    this.#channel?.close();
    this.#listener?.[Symbol.dispose]();
    for (const socket of this.#arrived) socket.destroy();
  }

  #connected(): StreamChannel {
    if (!this.#channel) throw new Errno("ENOTCONN");
    return this.#channel;
  }
}

/** connect(2) to a path. ECONNREFUSED when nobody listens on the host, or when the file is none of the host's. */
export async function connectUnix(process: Process, fd: number, path: string): Promise<void> {
  const file = socketAt(process, fd);
  const place = locate(process, path);
  const info = statOf(place, process);
  require(process.credentials, info, W_OK);
  const hostPath = place.mount.fs.hostPath?.(place.node);
  if ((info.mode & S_IFMT) !== S_IFSOCK || hostPath === undefined) throw new Errno("ECONNREFUSED");
  file.attach(await process.wait(dial(process.machine.host, hostPath)));
}

/** On a bound one. Makes the socket file too, which is the process's own. */
export async function listenUnix(process: Process, fd: number): Promise<void> {
  const socket = socketAt(process, fd);
  try {
    await process.wait(socket.listen(process.machine.host));
  } catch (error) {
    throw error instanceof Errno ? error : errnoOfHost(error);
  }
  const { mount, node } = locate(process, socket.bound?.path ?? "");
  const { euid, egid } = process.credentials;
  mount.fs.setAttributes(node, { uid: euid, gid: egid, mode: 0o777 & ~process.umask });
}

export function acceptUnix(process: Process, fd: number): Promise<UnixSocket> {
  return socketAt(process, fd).accept(process);
}

export function socketAt(process: Process, fd: number): UnixSocket {
  const file = process.fds.get(fd);
  if (file instanceof UnixSocket) return file;
  throw new Errno("ENOTSOCK");
}

async function dial(host: Host, path: string): Promise<Duplex> {
  try {
    return await host.connect(path);
  } catch (error) {
    throw errnoOfHost(error);
  }
}
