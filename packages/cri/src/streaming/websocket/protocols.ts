/** The WebSocket subprotocols: their names, and what each means on the wire. */

import type { StatusFormat } from "../command-status.ts";

export interface ChannelProtocol {
  /** Messages are text: a digit and base64; binary otherwise: a byte and the payload. */
  base64: boolean;
  /** The client says which channels it has ended. */
  closes: boolean;
  statusFormat: StatusFormat;
}

/** By name; the empty one is that of clients which name none. */
export const channelProtocols: ReadonlyMap<string, ChannelProtocol> = new Map([
  ["v5.channel.k8s.io", { base64: false, closes: true, statusFormat: "json" }],
  ["v4.channel.k8s.io", { base64: false, closes: false, statusFormat: "json" }],
  ["v4.base64.channel.k8s.io", { base64: true, closes: false, statusFormat: "json" }],
  ["channel.k8s.io", { base64: false, closes: false, statusFormat: "text" }],
  ["base64.channel.k8s.io", { base64: true, closes: false, statusFormat: "text" }],
  ["", { base64: false, closes: false, statusFormat: "text" }],
]);

export const tunnelProtocol = "SPDY/3.1+portforward.k8s.io";

export const webSocketCommandProtocols = [...channelProtocols.keys()];

export const webSocketPortForwardProtocols = [tunnelProtocol, "v4.channel.k8s.io", "v4.base64.channel.k8s.io", ""];
