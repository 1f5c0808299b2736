/** The streaming server as lxe sets it up: where it listens, and what an exec, an attach or a port-forward becomes. */

import {
  createStreamingServer,
  isLoopbackHost,
  type StreamingHandlers,
  type StreamingServer,
} from "@lxe/cri/streaming";
import type { Config } from "./config/config.ts";
import { parseHostAndPort } from "./config/value-schemas.ts";
import type { Context } from "./context.ts";
import { attachClient } from "./exec/attach.ts";
import { streamExec } from "./exec/stream.ts";
import { forwardPorts } from "./forward/port-forward.ts";
import type { HostFiles } from "./platform/host-files.ts";
import type { Logger } from "./platform/logger.ts";

/** Issues URLs; part of the context, so made before it. */
export type StreamingUrls = Pick<StreamingServer, "issue">;

export interface Streaming extends StreamingUrls {
  /** Rejects with UnavailableError when the address cannot be bound. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

interface StreamingOptions {
  readonly config: Config;
  readonly files: HostFiles;
  readonly log: Logger;
  readonly clock: Context["clock"];
  readonly random: Context["random"];
  /** Asked when a client is there. */
  readonly context: () => Context;
}

export function createStreaming(options: StreamingOptions): Streaming {
  let server: StreamingServer | undefined;
  const issue: StreamingServer["issue"] = (kind, request) => {
    if (!server) throw new Error("the streaming server does not listen yet");
    return server.issue(kind, request);
  };
  return {
    issue,
    listen: async () => {
      const { config, log } = options;
      server = createStreamingServer({
        ...(await tlsOf(options)),
        handlers: handlersOf(options.context),
        log,
        clock: options.clock,
        random: options.random,
        ...(config.streamingBaseurl !== undefined && { baseUrl: config.streamingBaseurl }),
      });
      const bound = await server.listen(parseHostAndPort(config.streamingBindaddr) ?? {});
      log.info(bound, "exec, attach and port-forward are served");
      if (!isLoopbackHost(bound.host)) {
        log.warn(
          bound,
          "exec, attach and port-forward can be reached from other hosts: streaming-bindaddr is no loopback address",
        );
      }
    },
    close: async () => server?.close(),
  };
}

function handlersOf(context: () => Context): StreamingHandlers {
  return {
    exec: (request, session, signal) =>
      streamExec(context(), context().index.container(request.containerId), request, session, signal),
    attach: (request, session, signal) =>
      attachClient(context(), context().index.container(request.containerId), session, signal),
    portForward: (request, session, signal) =>
      forwardPorts(context(), context().index.sandbox(request.podSandboxId), session, signal),
  };
}

async function tlsOf({ config, files }: StreamingOptions): Promise<{ tls?: { cert: Buffer; key: Buffer } }> {
  const { streamingTlsCert: certPath, streamingTlsKey: keyPath } = config;
  if (certPath === undefined || keyPath === undefined) return {};
  const [cert, key] = await Promise.all([files.readFile(certPath), files.readFile(keyPath)]);
  if (!cert || !key) throw new Error(`${cert ? keyPath : certPath}: no such file`);
  return { tls: { cert, key } };
}
