/** A streaming server for tests, with handlers that are given, on a free port of loopback. */

import type {
  StreamingHandlers,
  StreamingKind,
  StreamingRequests,
  StreamingServer,
  StreamingServerOptions,
} from "../options.ts";
import { createStreamingServer } from "../server.ts";

export interface LogLine {
  fields: Record<string, unknown>;
  message: string;
}

export interface StartedStreaming extends AsyncDisposable {
  server: StreamingServer;
  port: number;
  logged: LogLine[];
  /** URLs for requests with these fields, and defaults for the others. */
  url<K extends StreamingKind>(kind: K, request?: Partial<StreamingRequests[K]>): string;
}

const defaults: StreamingRequests = {
  exec: { containerId: "c", cmd: [], tty: false, stdin: false, stdout: true, stderr: false },
  attach: { containerId: "c", tty: false, stdin: false, stdout: true, stderr: false },
  portforward: { podSandboxId: "p", port: [] },
};

function unexpected(): Promise<void> {
  return Promise.reject(new Error("no handler for this in the test"));
}

export async function startStreaming(
  handlers: Partial<StreamingHandlers>,
  options: Partial<StreamingServerOptions> = {},
): Promise<StartedStreaming> {
  const logged: LogLine[] = [];
  const write = (fields: Record<string, unknown>, message: string) => void logged.push({ fields, message });
  const server = createStreamingServer({
    handlers: { exec: unexpected, attach: unexpected, portForward: unexpected, ...handlers },
    log: { debug: write, info: write, warn: write, error: write },
    ...options,
  });
  const { port } = await server.listen();
  return {
    server,
    port,
    logged,
    url: (kind, request = {}) => server.issue(kind, { ...defaults[kind], ...request }),
    [Symbol.asyncDispose]: async () => {
      server.destroy();
      await server.close();
    },
  };
}
