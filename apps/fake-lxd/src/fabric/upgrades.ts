/** Requests that become websockets: events, and the sockets of operations. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Daemon } from "../kernel/daemon.ts";
import { badRequest, failure, notFound } from "../kernel/errors.ts";
import { type EventType, eventTypes } from "../kernel/events.ts";
import type { RequestUrl } from "./request.ts";
import { accept, eventSink, operationSocket } from "./websocket.ts";

export interface Upgrade {
  request: IncomingMessage;
  url: RequestUrl;
  socket: Duplex;
  head: Buffer;
}

function typesOf(url: RequestUrl): ReadonlySet<EventType> {
  const asked = url.searchParams.get("type") ?? "";
  if (asked === "") return new Set(eventTypes);
  const types = asked.split(",").map((name) => {
    const type = eventTypes.find((known) => known === name);
    if (type === undefined) throw failure(`${JSON.stringify(name)} isn't a supported event type`);
    return type;
  });
  return new Set(types);
}

/** Checks alone, for a client that asks without an upgrade. */
export function checkEvents(url: RequestUrl): void {
  typesOf(url);
}

/** Which events the client asks for. Throws when it may not. */
export function eventsWanted(url: RequestUrl): { types: ReadonlySet<EventType>; project: string | undefined } {
  const types = typesOf(url);
  const { searchParams } = url;
  const isAll = searchParams.get("all-projects") === "true";
  if (isAll && searchParams.get("project")) {
    throw badRequest("Cannot specify a project when requesting all projects");
  }
  return { types, project: isAll ? undefined : searchParams.get("project") || "default" };
}

async function streamEvents(daemon: Daemon, upgrade: Upgrade): Promise<void> {
  const wanted = eventsWanted(upgrade.url);
  const websocket = await accept(upgrade.request, upgrade.socket, upgrade.head);
  const receive = eventSink(daemon.world.clock, websocket);
  const listener = daemon.events.listen({ ...wanted, receive });
  websocket.on("close", () => listener[Symbol.dispose]());
}

async function connectOperation(daemon: Daemon, id: string, upgrade: Upgrade): Promise<void> {
  const operation = daemon.operations.get(id);
  const entry = operation.spec.connect;
  if (entry === undefined) throw failure("Only websocket operations can be connected");
  const secret = upgrade.url.searchParams.get("secret");
  if (secret === null) throw failure("missing secret");
  if (operation.isFinal) throw failure("Only running operations can be connected");
  const take = entry.claim(secret);
  const websocket = await accept(upgrade.request, upgrade.socket, upgrade.head);
  take(operationSocket(daemon.world.clock, websocket, upgrade.socket));
}

/** Throws before the handshake when the request is refused. */
export async function handleUpgrade(daemon: Daemon, upgrade: Upgrade): Promise<void> {
  const { pathname } = upgrade.url;
  if (pathname === "/1.0/events") return await streamEvents(daemon, upgrade);
  const [, id] = /^\/1\.0\/operations\/([^/]+)\/websocket$/.exec(pathname) ?? [];
  if (id === undefined) throw notFound("not found");
  return await connectOperation(daemon, id, upgrade);
}
