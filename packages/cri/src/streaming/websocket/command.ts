/** An exec or attach client on a WebSocket: its channels are there from the start. */

import type { WebSocket } from "ws";
import { type CommandChannels, type CommandFlags, commandRoles, type CommandTransport } from "../command-session.ts";
import { WebSocketChannels } from "./channels.ts";
import type { LiveSocketOptions } from "./live-socket.ts";
import type { ChannelProtocol } from "./protocols.ts";

const channelOf = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;
const channelsMax = 5;

export function openWebSocketCommand(
  webSocket: WebSocket,
  options: LiveSocketOptions & { protocol: ChannelProtocol; flags: CommandFlags },
): CommandTransport {
  const connection = new WebSocketChannels(webSocket, { ...options, channelsMax });
  const { flags } = options;
  const channels: CommandChannels = { error: connection.open(channelOf.error) };
  for (const role of commandRoles(flags, true)) channels[role] ??= connection.open(channelOf[role]);
  connection.announce(greetingChannel(flags), Buffer.alloc(0));
  return {
    channels,
    statusFormat: options.protocol.statusFormat,
    signal: connection.signal,
    close: () => connection.close(),
    destroy: (reason) => connection.destroy(reason),
  };
}

/** An empty message on the first channel that the client reads tells it that the connection stands. */
function greetingChannel(flags: CommandFlags): number {
  if (flags.stdout) return channelOf.stdout;
  return flags.stderr ? channelOf.stderr : channelOf.error;
}
