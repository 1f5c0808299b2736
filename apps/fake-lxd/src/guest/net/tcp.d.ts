import { OpenFile, type Sleeper } from "../core/open-file.ts";
import { Pipe } from "../core/pipe.ts";
import type { Process } from "../core/process.ts";
import { type Stat } from "../vfs/types.ts";
import type { Interface, Listener, NetNamespace } from "./namespace.ts";
import { StreamChannel } from "./stream-channel.ts";
export interface Endpoint {
  address: string;
  port: number;
}
/** Half of a connection, as its owner sees it. */
export declare class TcpEnd {
  #private;
  readonly incoming: Pipe;
  readonly outgoing: Pipe;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly owner: NetNamespace;
  constructor(
    incoming: Pipe,
    outgoing: Pipe,
    local: Endpoint,
    remote: Endpoint,
    owner: NetNamespace,
    via: Interface | undefined,
  );
  read(sleeper: Sleeper, max: number): Promise<Buffer>;
  write(sleeper: Sleeper, data: Buffer): Promise<number>;
  shutdownWrite(): void;
  close(): void;
}
/** Connects at once or fails with ECONNREFUSED, ENETUNREACH or EHOSTUNREACH. */
export declare function connectInside(from: NetNamespace, address: string, port: number): TcpEnd;
/** A connected socket as a file. */
export declare class TcpSocket extends OpenFile {
  #private;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  constructor(channel: TcpEnd | StreamChannel, local: Endpoint, remote: Endpoint);
  read(sleeper: Sleeper, max: number): Promise<Buffer>;
  write(sleeper: Sleeper, data: Buffer): Promise<number>;
  shutdownWrite(): void;
  stat(): Stat;
  describe(): string;
  protected onLastClose(): void;
}
export declare function connectTcp(process: Process, address: string, port: number): Promise<TcpSocket>;
/** A listening socket; in the host's namespace a real one. */
export declare class TcpListener extends OpenFile implements Listener {
  #private;
  readonly address: string;
  readonly port: number;
  readonly owner: string;
  constructor(namespace: NetNamespace, address: string, port: number, owner: string);
  /** For the host's namespace: also listens on the real host. */
  listenOnHost(process: Process): Promise<void>;
  accept(end: TcpEnd): void;
  nextConnection(process: Process): Promise<TcpSocket>;
  read(): Promise<Buffer>;
  write(): Promise<number>;
  stat(): Stat;
  describe(): string;
  protected onLastClose(): void;
}
/** Returns the listener's descriptor too. EADDRINUSE, EADDRNOTAVAIL. */
export declare function listenTcp(
  process: Process,
  address: string,
  port: number,
): Promise<{
  fd: number;
  listener: TcpListener;
}>;
