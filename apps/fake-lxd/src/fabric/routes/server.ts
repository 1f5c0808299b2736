import { renderResources } from "../../kernel/server/resources.ts";
import { renderServer, serverEtag } from "../../kernel/server/server-info.ts";
import { failure } from "../../kernel/errors.ts";
import type { Metrics } from "../../kernel/server/metrics.ts";
import { config, object } from "../go-json.ts";
import { raw, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";

const serverPut = object("ServerPut", { config });

function setConfig(request: ApiRequest, replace: boolean): void {
  const { world } = request.daemon;
  request.checkEtag(serverEtag(world));
  const { config: change } = request.json(serverPut);
  const unknown = Object.keys(change).find((key) => !/^(user|core|images|backups|storage|cluster)\./.test(key));
  if (unknown !== undefined) throw failure(`cannot set '${unknown}' to '${change[unknown]}': unknown key`);
  if (replace) for (const key of Object.keys(world.serverConfig)) delete world.serverConfig[key];
  for (const [key, value] of Object.entries(change)) {
    if (value === "") delete world.serverConfig[key];
    else world.serverConfig[key] = value;
  }
}

export function serverRoutes(metrics: Metrics): Route[] {
  return [
    { path: "/", GET: () => sync(["/1.0"]) },
    {
      path: "/1.0",
      GET: ({ daemon, project }) => sync(renderServer(daemon.world, project), serverEtag(daemon.world)),
      PUT: (request) => {
        setConfig(request, true);
        return sync();
      },
      PATCH: (request) => {
        setConfig(request, false);
        return sync();
      },
    },
    { path: "/1.0/resources", GET: ({ daemon }) => sync(renderResources(daemon.world)) },
    {
      path: "/1.0/metrics",
      GET: ({ query }) => raw(metrics.render(query.get("project") ?? undefined), { "content-type": "text/plain" }),
    },
    { path: "/1.0/certificates", GET: () => sync([]) },
    { path: "/1.0/cluster", GET: () => sync({ server_name: "", enabled: false, member_config: [] }, "cluster") },
    {
      path: "/1.0/cluster/members",
      GET: () => {
        throw failure("Server is not clustered");
      },
    },
    { path: "/1.0/warnings", GET: () => sync([]) },
    { path: "/1.0/network-acls", GET: () => sync([]) },
    { path: "/1.0/network-zones", GET: () => sync([]) },
  ];
}
