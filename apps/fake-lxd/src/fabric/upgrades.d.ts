/** Requests that become websockets: events, and the sockets of operations. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Daemon } from "../kernel/daemon.ts";
export interface Upgrade {
    request: IncomingMessage;
    url: URL;
    socket: Duplex;
    head: Buffer;
}
/** Checks alone, for a client that asks without an upgrade. */
export declare function checkEvents(url: URL): void;
/** Throws before the handshake when the request is refused. */
export declare function handleUpgrade(daemon: Daemon, upgrade: Upgrade): Promise<void>;
