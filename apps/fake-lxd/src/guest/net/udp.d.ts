import { OpenFile } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";
import { type Stat } from "../vfs/types.ts";
import type { Endpoint } from "./tcp.ts";
export interface Datagram {
  data: Buffer;
  from: Endpoint;
}
export declare class UdpSocket extends OpenFile {
  #private;
  readonly address: string;
  readonly port: number;
  readonly owner: string;
  constructor(process: Process, address: string, port: number);
  receive(process: Process): Promise<Datagram>;
  /** ECONNREFUSED when the machine is reached but nobody has the port. */
  send(data: Buffer, to: Endpoint): void;
  read(): Promise<Buffer>;
  write(): Promise<number>;
  stat(): Stat;
  protected onLastClose(): void;
}
