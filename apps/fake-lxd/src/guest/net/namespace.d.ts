/** The network as one pod sees it: interfaces, addresses, listeners. */
import type { DhcpLease } from "../types.ts";
import type { Fabric } from "./fabric.ts";
import type { UdpSocket } from "./udp.ts";
export interface Address {
  family: "inet" | "inet6";
  address: string;
  prefix: number;
  scope: "local" | "global" | "link";
}
export interface Interface {
  readonly name: string;
  readonly type: "loopback" | "broadcast";
  up: boolean;
  readonly hwaddr: string;
  readonly hostName: string;
  readonly mtu: number;
  /** The bridge; empty for the loopback. */
  readonly network: string;
  addresses: Address[];
  gateway: string | undefined;
  readonly requestLease: () => DhcpLease | null;
  bytesReceived: number;
  bytesSent: number;
  packetsReceived: number;
  packetsSent: number;
}
/** Who accepts connections. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  /** Of the process, for netstat. */
  readonly owner: string;
  accept(end: TcpPeer): void;
}
/** The accepting side's half of a connection. */
export type TcpPeer = import("./tcp.ts").TcpEnd;
export declare class NetNamespace {
  #private;
  readonly id: number;
  readonly isHost: boolean;
  readonly fabric: Fabric;
  readonly interfaces: Interface[];
  readonly listeners: Set<Listener>;
  readonly udp: Set<UdpSocket>;
  readonly connections: Set<import("./tcp.ts").TcpEnd>;
  readonly sysctls: Map<string, string>;
  constructor(id: number, fabric: Fabric, isHost: boolean);
  addresses(): string[];
  owns(address: string): boolean;
  /** The interface that reaches an address: the loopback for its own, else one with a matching network or a gateway. */
  route(address: string): Interface | undefined;
  /** EADDRINUSE, or EADDRNOTAVAIL for an address that is not here. */
  addListener(listener: Listener): void;
  findListener(address: string, port: number): Listener | undefined;
  ephemeralPort(): number;
  addressFor(remote: string): string;
}
export declare function isLoopback(address: string): boolean;
export declare function isAny(address: string): boolean;
/** `10.0.0.5/24` to an address. */
export declare function parseAddress(text: string): Address;
export declare function ipv4Number(address: string): number | undefined;
export declare function sameNetwork(own: Address, address: string): boolean;
