/** The network as one pod sees it: interfaces, addresses, listeners. */
import type { DhcpLease } from "../types.ts";
import { Errno } from "../core/errno.ts";
import type { Fabric } from "./fabric.ts";
import type { TcpEnd } from "./tcp.ts";
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
export type TcpPeer = TcpEnd;

const ephemeralFirst = 32_768;
const ephemeralLast = 60_999;

export class NetNamespace {
  readonly id: number;
  readonly isHost: boolean;
  readonly fabric: Fabric;
  readonly interfaces: Interface[] = [];
  readonly listeners = new Set<Listener>();
  readonly udp = new Set<UdpSocket>();
  readonly connections = new Set<TcpPeer>();
  readonly sysctls = new Map<string, string>();
  #nextPort = ephemeralFirst;

  constructor(id: number, fabric: Fabric, isHost: boolean) {
    this.id = id;
    this.fabric = fabric;
    this.isHost = isHost;
    this.interfaces.push(loopback());
    if (isHost) this.setLoopback(true);
  }

  /** The kernel gives it its addresses when it comes up. */
  setLoopback(up: boolean): void {
    const [lo] = this.interfaces;
    if (lo === undefined) return;
    lo.up = up;
    lo.addresses = up ? loopbackAddresses() : [];
  }

  addresses(): string[] {
    return this.interfaces.flatMap((one) => one.addresses.map(({ address }) => address));
  }

  owns(address: string): boolean {
    return isLoopback(address) || isAny(address) || this.addresses().includes(address);
  }

  /** The interface that reaches an address: the loopback for its own, else one with a matching network or a gateway. */
  route(address: string): Interface | undefined {
    if (this.owns(address)) return this.interfaces[0];
    const up = this.interfaces.filter((one) => one.up && one.type !== "loopback" && one.addresses.length > 0);
    return (
      up.find((one) => one.addresses.some((own) => sameNetwork(own, address))) ??
      up.find(({ gateway }) => gateway !== undefined)
    );
  }

  /** EADDRINUSE, or EADDRNOTAVAIL for an address that is not here. */
  addListener(listener: Listener): void {
    if (!this.owns(listener.address)) throw new Errno("EADDRNOTAVAIL");
    for (const other of this.listeners) {
      const clash = other.address === listener.address || isAny(other.address) || isAny(listener.address);
      if (other.port === listener.port && clash) throw new Errno("EADDRINUSE");
    }
    this.listeners.add(listener);
  }

  findListener(address: string, port: number): Listener | undefined {
    return [...this.listeners].find((one) => one.port === port && (isAny(one.address) || one.address === address));
  }

  ephemeralPort(): number {
    const port = this.#nextPort;
    this.#nextPort = port === ephemeralLast ? ephemeralFirst : port + 1;
    return port;
  }

  addressFor(remote: string): string {
    if (isLoopback(remote)) return remote.includes(":") ? "::1" : "127.0.0.1";
    if (this.owns(remote)) return remote;
    const family = remote.includes(":") ? "inet6" : "inet";
    return this.route(remote)?.addresses.find((one) => one.family === family)?.address ?? "0.0.0.0";
  }
}

function loopback(): Interface {
  return {
    name: "lo",
    type: "loopback",
    up: false,
    hwaddr: "00:00:00:00:00:00",
    hostName: "",
    mtu: 65_536,
    network: "",
    addresses: [],
    gateway: undefined,
    requestLease: () => null,
    bytesReceived: 0,
    bytesSent: 0,
    packetsReceived: 0,
    packetsSent: 0,
  };
}

function loopbackAddresses(): Address[] {
  return [
    { family: "inet", address: "127.0.0.1", prefix: 8, scope: "local" },
    { family: "inet6", address: "::1", prefix: 128, scope: "local" },
  ];
}

export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

export function isAny(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

/** `10.0.0.5/24` to an address. */
export function parseAddress(text: string): Address {
  const [address = "", prefix] = text.split("/");
  const family = address.includes(":") ? "inet6" : "inet";
  const scope = address.startsWith("fe80:") ? "link" : "global";
  return { family, address, prefix: Number(prefix ?? (family === "inet" ? 32 : 128)), scope };
}

export function ipv4Number(address: string): number | undefined {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function sameNetwork(own: Address, address: string): boolean {
  if (own.family === "inet6") return address.includes(":") && address.split("::")[0] === own.address.split("::")[0];
  const a = ipv4Number(own.address);
  const b = ipv4Number(address);
  if (a === undefined || b === undefined) return false;
  const size = 2 ** (32 - own.prefix);
  return Math.floor(a / size) === Math.floor(b / size);
}
