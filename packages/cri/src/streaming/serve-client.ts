/** One client, from its upgrade request to the end of its connection: runs the handler and says how it went. */

import type { AttachRequest, ExecRequest } from "../gen/api.ts";
import type { ClientConnections, UpgradeRequest } from "./client-connection.ts";
import { type CommandTransport, TransportSession } from "./command-session.ts";
import type { StreamingHandlers, StreamingKind, StreamingRequests } from "./options.ts";
import type { PortForwardTransport } from "./port-forward-pair.ts";
import type { CommandEnd } from "./session.ts";

/** A request that was issued, with its kind. */
export type IssuedRequest = { [K in StreamingKind]: { kind: K; request: StreamingRequests[K] } }[StreamingKind];

/** What a closing server may do to a client being served. */
export interface Served {
  signal: AbortSignal;
  handlers: StreamingHandlers;
  connections: ClientConnections;
}

/** Resolves when the handler has returned and the connection has ended, with what the handler threw. Rejects if the client was never ready. */
export function serveClient(upgrade: UpgradeRequest, issued: IssuedRequest, served: Served): Promise<unknown> {
  const { handlers } = served;
  switch (issued.kind) {
    case "exec":
      return serveCommand(upgrade, issued.request, served, {
        handle: handlers.exec.bind(handlers),
        tellsExitCode: true,
        endWithoutStatus: { error: new Error("the command ended without a status") },
      });
    case "attach":
      return serveCommand(upgrade, issued.request, served, {
        handle: handlers.attach.bind(handlers),
        tellsExitCode: false,
        endWithoutStatus: { exitCode: 0 },
      });
    default:
      return servePortForward(upgrade, issued.request, served);
  }
}

interface CommandKind<Request> {
  handle: (request: Request, session: TransportSession, signal: AbortSignal) => Promise<void>;
  tellsExitCode: boolean;
  endWithoutStatus: CommandEnd;
}

async function serveCommand<Request extends ExecRequest | AttachRequest>(
  upgrade: UpgradeRequest,
  request: Request,
  { connections, signal }: Served,
  { handle, tellsExitCode, endWithoutStatus }: CommandKind<Request>,
): Promise<unknown> {
  const transport = await connections.command(upgrade, request);
  if (transport === undefined) return undefined;
  const session = new TransportSession(transport, { tellsExitCode });
  const failure = await failureOf(() => handle(request, session, anyOf(transport, signal)));
  await session.finish(failure === undefined ? endWithoutStatus : { error: failure.reason });
  await transport.close();
  return failure?.reason;
}

async function servePortForward(
  upgrade: UpgradeRequest,
  request: StreamingRequests["portforward"],
  { connections, signal, handlers }: Served,
): Promise<unknown> {
  const transport = await connections.portForward(upgrade, request.port);
  if (transport === undefined) return undefined;
  const failure = await failureOf(() => handlers.portForward(request, transport.session, anyOf(transport, signal)));
  await transport.close();
  return failure?.reason;
}

function anyOf(transport: CommandTransport | PortForwardTransport, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([transport.signal, signal]);
}

async function failureOf(run: () => Promise<void>): Promise<{ reason: unknown } | undefined> {
  try {
    await run();
    return undefined;
  } catch (reason) {
    return { reason };
  }
}
