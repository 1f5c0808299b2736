/** Composes the client: one transport, one events connection, one operation tracker, and the resources on top. */
import type { LxdClient } from "./api/client.ts";
import type { RequestFunction } from "./api/request.ts";
import { systemClock } from "./clock.ts";
import type { Context } from "./context.ts";
import { eventHub } from "./events/hub.ts";
import { closedError, Lifetime } from "./lifetime.ts";
import { defaultLimits } from "./limits.ts";
import { checkSuccess } from "./operations/run.ts";
import { operationTracker } from "./operations/tracker.ts";
import type { LxdClientOptions, LxdEndpoint } from "./options.ts";
import { imagesResource } from "./resources/images.ts";
import { instancesResource } from "./resources/instances.ts";
import { networksResource } from "./resources/networks.ts";
import { operationsResource } from "./resources/operations.ts";
import { profilesResource } from "./resources/profiles.ts";
import { projectsResource } from "./resources/projects.ts";
import { serverResource } from "./resources/server.ts";
import { storageResource } from "./resources/storage.ts";
import { connectionTo } from "./transport/connection.ts";
import { httpTransport } from "./transport/http.ts";
import { labelOf, restTransport } from "./transport/rest.ts";
import { socketWire } from "./transport/socket-wire.ts";

/** Makes a client. Connects only when something is asked: a server that is not there yet is no error here. */
export function createLxdClient(endpoint: LxdEndpoint, options: LxdClientOptions = {}): LxdClient {
  const { project, userAgent = "lxe", clock = systemClock, random = Math.random } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const wire = "wire" in endpoint ? endpoint.wire : socketWire(connectionTo(endpoint), userAgent, limits);
  const { openWebSocket } = wire;
  const http = httpTransport(wire, userAgent, limits);
  const rest = restTransport(http, project);
  const lifetime = new Lifetime();
  const server = serverResource(rest);
  const events = eventHub({
    url: rest.url("/1.0/events", { type: "operation,lifecycle" }),
    open: openWebSocket,
    read: (message) => wire.readEvent(message),
    clock,
    random,
    limits,
    operations: () => tracker,
    onDisconnected: () => server.forget(),
  });
  const tracker = operationTracker(rest, events, clock, limits);
  const context: Context = {
    rest,
    tracker,
    openWebSocket,
    info: (call) => server.info(call),
    lifetime,
    clock,
    random,
    limits,
  };

  let closing: Promise<void> | undefined;
  let destroying: Promise<void> | undefined;
  const destroyNow = async () => {
    lifetime.refuse();
    const reason = closedError();
    tracker.rejectAll(reason);
    lifetime.endSessions();
    events.close();
    await http.destroy(reason);
  };
  const closeGracefully = async () => {
    lifetime.refuse();
    await lifetime.idle();
    lifetime.endSessions();
    events.close();
    // A destroy in between has closed it already.
    if (destroying === undefined) await http.close();
  };
  const destroy = () => (destroying ??= destroyNow());
  const close = () => destroying ?? (closing ??= closeGracefully());

  return {
    ...lifetime.guard({
      server,
      instances: instancesResource(context),
      images: imagesResource(context),
      profiles: profilesResource(context),
      networks: networksResource(context),
      storage: storageResource(context),
      projects: projectsResource(context),
      operations: operationsResource(context),
      request: requestBy(context),
    }),
    events,
    close,
    destroy,
    [Symbol.asyncDispose]: close,
  };
}

function requestBy({ rest, tracker }: Context): RequestFunction {
  return async (request, options) => {
    const reply = await rest.call(request, options);
    if (reply.type === "sync") return reply.metadata;
    return checkSuccess(labelOf(request), await tracker.waitEnd(reply.operation, options)).metadata;
  };
}
