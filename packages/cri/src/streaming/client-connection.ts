/**
 * From an upgrade request to a client that is ready: chooses SPDY or WebSocket, negotiates the protocol, answers. Throws nothing;
 * refuses on the socket what it cannot serve.
 */

import type { IncomingMessage } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import type { StreamingClock } from "./clock.ts";
import type { CommandFlags, CommandTransport } from "./command-session.ts";
import { messageBytesMax } from "./limits.ts";
import type { PortForwardTransport } from "./port-forward-pair.ts";
import { commandProtocols, openSpdyCommand } from "./spdy/command.ts";
import { openSpdyPortForward, portForwardProtocol } from "./spdy/port-forward.ts";
import {
  acceptSpdy,
  isSpdyRequest,
  isWebSocketRequest,
  listedIn,
  negotiate,
  type Refusal,
  refuseUpgrade,
} from "./upgrade.ts";
import type { UpgradedSocket } from "./upgraded-socket.ts";
import { openWebSocketCommand } from "./websocket/command.ts";
import { openWebSocketPortForward } from "./websocket/port-forward.ts";
import {
  channelProtocols,
  tunnelProtocol,
  webSocketCommandProtocols,
  webSocketPortForwardProtocols,
} from "./websocket/protocols.ts";
import { WebSocketTunnel } from "./websocket/tunnel.ts";

export interface ConnectionTimes {
  clock: StreamingClock;
  idleTimeoutMs: number;
  streamCreationTimeoutMs: number;
}

export interface UpgradeRequest extends UpgradedSocket {
  request: IncomingMessage;
}

const noHead = Buffer.alloc(0);

export class ClientConnections {
  readonly #times: ConnectionTimes;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: messageBytesMax,
    // Pings are answered where unsent answers are counted.
    autoPong: false,
  });
  readonly #chosen = new WeakMap<IncomingMessage, string>();

  constructor(times: ConnectionTimes) {
    this.#times = times;
    // `ws` refuses names with a slash, such as the tunnel's, so the header is kept from it and answered here.
    this.#webSockets.on("headers", (headers, request) => {
      const protocol = this.#chosen.get(request);
      if (protocol !== undefined && protocol !== "") headers.push(`Sec-WebSocket-Protocol: ${protocol}`);
    });
  }

  /** `undefined` when refused; rejects when the client leaves, or takes too long, before it is ready. */
  async command(upgrade: UpgradeRequest, flags: CommandFlags): Promise<CommandTransport | undefined> {
    if (!isWebSocketRequest(upgrade.request)) {
      const protocol = this.#upgradeToSpdy(upgrade, commandProtocols);
      return protocol === undefined ? undefined : openSpdyCommand(upgrade, { ...this.#times, protocol, flags });
    }
    const accepted = await this.#upgradeToWebSocket(upgrade, webSocketCommandProtocols);
    const protocol = channelProtocols.get(accepted?.protocol ?? "");
    if (accepted === undefined || protocol === undefined) return undefined;
    return openWebSocketCommand(accepted.webSocket, { ...this.#times, protocol, flags });
  }

  /** As `command`. `ports` are those of the request; only WebSocket channels, which cannot name theirs, need them. */
  async portForward(upgrade: UpgradeRequest, ports: readonly number[]): Promise<PortForwardTransport | undefined> {
    if (!isWebSocketRequest(upgrade.request)) {
      const protocol = this.#upgradeToSpdy(upgrade, [portForwardProtocol]);
      return protocol === undefined ? undefined : openSpdyPortForward(upgrade, this.#times);
    }
    const accepted = await this.#upgradeToWebSocket(upgrade, webSocketPortForwardProtocols, (protocol) =>
      protocol !== tunnelProtocol && ports.length === 0 ? { status: 400, text: "no port was requested" } : undefined,
    );
    if (accepted === undefined) return undefined;
    if (accepted.protocol === tunnelProtocol) {
      const socket = new WebSocketTunnel(accepted.webSocket, this.#times);
      return openSpdyPortForward({ socket, head: noHead }, this.#times);
    }
    const protocol = channelProtocols.get(accepted.protocol);
    if (protocol === undefined) return undefined;
    return openWebSocketPortForward(accepted.webSocket, { ...this.#times, protocol, ports });
  }

  /** The protocol; `undefined` when refused. */
  #upgradeToSpdy({ request, socket }: UpgradeRequest, known: readonly string[]): string | undefined {
    const offered = listedIn(request, "x-stream-protocol-version");
    const protocol = negotiate(offered, known);
    const refusal = spdyRefusal(request, offered, protocol, known);
    if (refusal !== undefined || protocol === undefined) {
      refuseUpgrade(socket, refusal ?? noCommonProtocol(offered), this.#times.clock);
      return undefined;
    }
    acceptSpdy(socket, protocol);
    return protocol;
  }

  #upgradeToWebSocket(
    { request, socket, head }: UpgradeRequest,
    known: readonly string[],
    refusalOf: (protocol: string) => Refusal | undefined = () => undefined,
  ): Promise<{ webSocket: WebSocket; protocol: string } | undefined> {
    const offered = listedIn(request, "sec-websocket-protocol");
    const protocol = offered.length === 0 ? "" : negotiate(offered, known);
    const refusal = protocol === undefined ? noCommonProtocol(offered) : refusalOf(protocol);
    if (protocol === undefined || refusal !== undefined) {
      refuseUpgrade(socket, refusal ?? noCommonProtocol(offered), this.#times.clock);
      return Promise.resolve(undefined);
    }
    delete request.headers["sec-websocket-protocol"];
    this.#chosen.set(request, protocol);
    return new Promise((resolve) => {
      // `ws` answers and closes a handshake that is wrong itself.
      socket.once("close", () => resolve(undefined));
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => resolve({ webSocket, protocol }));
    });
  }
}

function spdyRefusal(
  request: IncomingMessage,
  offered: readonly string[],
  protocol: string | undefined,
  known: readonly string[],
): Refusal | undefined {
  if (offered.length === 0) return { status: 400, text: "unable to upgrade: X-Stream-Protocol-Version is missing" };
  if (protocol === undefined) {
    return {
      ...noCommonProtocol(offered),
      headers: known.map((name) => ["X-Accepted-Stream-Protocol-Versions", name] as const),
    };
  }
  if (!isSpdyRequest(request)) return { status: 400, text: "unable to upgrade: no upgrade to SPDY/3.1 is asked for" };
  return undefined;
}

function noCommonProtocol(offered: readonly string[]): Refusal {
  return {
    status: 403,
    text: `unable to upgrade: none of the protocols is known here: ${offered.join(", ").slice(0, 256)}`,
  };
}
