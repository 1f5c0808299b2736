/** Connections between a guest's network and the daemon: port forwarding, proxy devices. */
import { Duplex } from "node:stream";
import type { NetNamespace } from "./namespace.ts";
/** Connects from inside of the namespace, so that listeners on its loopback are reached. ECONNREFUSED. */
export declare function connectGuest(namespace: NetNamespace, port: number, address?: string): Promise<Duplex>;
/** EADDRINUSE, EADDRNOTAVAIL. */
export declare function listenInGuest(
  namespace: NetNamespace,
  port: number,
  address: string,
  onConnection: (connection: Duplex) => void,
): Promise<Disposable>;
