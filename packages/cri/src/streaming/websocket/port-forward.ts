/** A port-forward client on WebSocket channels: two for each port, known from the start, one connection per port. */

import type { WebSocket } from "ws";
import { Feed } from "../feed.ts";
import { ChannelPair, type PortForwardTransport } from "../port-forward-pair.ts";
import { WebSocketChannels } from "./channels.ts";
import type { LiveSocketOptions } from "./live-socket.ts";
import type { ChannelProtocol } from "./protocols.ts";

export function openWebSocketPortForward(
  webSocket: WebSocket,
  options: LiveSocketOptions & { protocol: ChannelProtocol; ports: readonly number[] },
): PortForwardTransport {
  const { ports } = options;
  const connection = new WebSocketChannels(webSocket, { ...options, channelsMax: 2 * ports.length });
  const pairs = new Feed<ChannelPair>(ports.length, (pair) => void pair.finish());
  let unfinished = ports.length;
  const onFinish = (): void => {
    unfinished--;
    if (unfinished === 0) pairs.end();
  };
  for (const [index, port] of ports.entries()) {
    const data = connection.open(2 * index);
    const error = connection.open(2 * index + 1);
    for (const channel of [2 * index, 2 * index + 1]) connection.announce(channel, littleEndian(port));
    pairs.push(new ChannelPair(port, data, error, onFinish));
  }
  void connection.closed.then(() => pairs.end());
  return {
    session: pairs,
    signal: connection.signal,
    close: () => {
      pairs.end();
      return connection.close();
    },
    destroy: (reason) => connection.destroy(reason),
  };
}

function littleEndian(port: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(port);
  return bytes;
}
