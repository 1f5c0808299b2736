/** An exec or attach client on SPDY: waits until it has opened the streams that the request asks for. */

import {
  type CommandChannels,
  type CommandFlags,
  type CommandRole,
  commandRoles,
  type CommandTransport,
} from "../command-session.ts";
import type { StreamingClock } from "../clock.ts";
import { commandStreamsMax } from "../limits.ts";
import type { UpgradedSocket } from "../upgraded-socket.ts";
import { SpdyConnection } from "./connection.ts";
import { rstStatus } from "./frame.ts";
import type { SpdyStream } from "./spdy-stream.ts";

export const commandProtocols = [
  "v5.channel.k8s.io",
  "v4.channel.k8s.io",
  "v3.channel.k8s.io",
  "v2.channel.k8s.io",
  "channel.k8s.io",
];

const withoutResize = new Set(["v2.channel.k8s.io", "channel.k8s.io"]);
const withJsonStatus = new Set(["v5.channel.k8s.io", "v4.channel.k8s.io"]);

export interface CommandOptions {
  protocol: string;
  flags: CommandFlags;
  clock: StreamingClock;
  idleTimeoutMs: number;
  streamCreationTimeoutMs: number;
}

/** Rejects if the client leaves before it has opened its streams, or takes too long for it; the connection is closed then. */
export function openSpdyCommand(upgraded: UpgradedSocket, options: CommandOptions): Promise<CommandTransport> {
  const roles = commandRoles(options.flags, !withoutResize.has(options.protocol));
  const waiting = new Set<string>(roles);
  const channels: Partial<Record<CommandRole, SpdyStream>> = {};
  const complete = Promise.withResolvers<CommandTransport>();

  const onStream = (stream: SpdyStream): void => {
    const role = stream.headers.get("streamtype") ?? "";
    if (waiting.delete(role)) {
      channels[role as CommandRole] = stream;
      if (waiting.size === 0) complete.resolve(transport());
    } else if (role in channels) connection.reset(stream, rstStatus.protocolError);
    else stream.discard();
  };
  const connection = new SpdyConnection(upgraded.socket, {
    clock: options.clock,
    idleTimeoutMs: options.idleTimeoutMs,
    streamsMax: commandStreamsMax,
    onStream,
  });
  const transport = (): CommandTransport => ({
    // Complete: `waiting` began with all roles, "error" among them.
    channels: channels as CommandChannels,
    statusFormat: withJsonStatus.has(options.protocol) ? "json" : "text",
    signal: connection.signal,
    close: () => connection.close(),
    destroy: (reason) => connection.destroy(reason),
  });
  const timer = options.clock.setTimeout(
    () => connection.destroy(new Error(`the client has not opened its ${[...waiting].join(", ")} stream in time`)),
    options.streamCreationTimeoutMs,
  );
  connection.signal.addEventListener("abort", () => complete.reject(connection.signal.reason), { once: true });
  connection.start(upgraded.head);
  return complete.promise.finally(() => timer.cancel());
}
