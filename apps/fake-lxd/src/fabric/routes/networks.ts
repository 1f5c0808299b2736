import { notFound, within } from "../../kernel/errors.ts";
import { rootRequestor } from "../../kernel/events.ts";
import { listLeases } from "../../kernel/networks/leases.ts";
import {
  createNetwork,
  deleteNetwork,
  managedNetwork,
  renameNetwork,
  updateNetwork,
} from "../../kernel/networks/networks.ts";
import { findNetwork, networkState, renderNetworks } from "../../kernel/networks/view.ts";
import { etagOf } from "../../kernel/etag.ts";
import { config, maybe, object, text } from "../go-json.ts";
import { created, fresh, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";

const networksPost = object("NetworksPost", { name: text, type: text, description: text, config });
const networkPut = object("NetworkPut", { description: maybe(text), config });
const networkPost = object("NetworkPost", { name: text });

function announce({ daemon }: ApiRequest, name: string, action: string, context?: Record<string, unknown>): void {
  const source = `/1.0/networks/${encodeURIComponent(name)}`;
  // whoever asks: networks belong to the default project
  daemon.events.lifecycle("default", { action, source, context, requestor: rootRequestor });
}

function checkProject({ daemon, project }: ApiRequest): void {
  if (daemon.world.projects.has(project)) return;
  throw within(`Failed to load project ${JSON.stringify(project)}`, notFound("Project not found"));
}

function etagOfNetwork(
  request: ApiRequest,
  network = findNetwork(request.daemon.world, request.param("name")),
): unknown {
  return [network.name, network.managed, network.type, network.description, network.config];
}

export const networkRoutes: Route[] = [
  {
    path: "/1.0/networks",
    GET: (request) => {
      checkProject(request);
      const networks = renderNetworks(request.daemon.world);
      return sync(request.recursion > 0 ? networks : networks.map((network) => `/1.0/networks/${network.name}`));
    },
    POST: (request) => {
      const network = createNetwork(request.daemon.world, request.json(networksPost));
      announce(request, network.name, "network-created");
      return created(`/1.0/networks/${network.name}`);
    },
  },
  {
    path: "/1.0/networks/{name}",
    GET: (request) => {
      const network = findNetwork(request.daemon.world, request.param("name"));
      return fresh(network, () => etagOf(etagOfNetwork(request, network)));
    },
    PUT: (request) => {
      const network = managedNetwork(request.daemon.world, request.param("name"));
      request.checkEtag(etagOfNetwork(request));
      const change = request.json(networkPut);
      // LXD 5.0 tells of a change also when it refuses it
      announce(request, network.name, "network-updated");
      updateNetwork(request.daemon.world, network.name, { ...change, description: change.description ?? "" });
      return sync();
    },
    PATCH: (request) => {
      const network = managedNetwork(request.daemon.world, request.param("name"));
      request.checkEtag(etagOfNetwork(request));
      const change = request.json(networkPut);
      announce(request, network.name, "network-updated");
      updateNetwork(request.daemon.world, network.name, {
        // a PATCH without one clears it
        description: change.description ?? "",
        config: { ...network.config, ...change.config },
      });
      return sync();
    },
    POST: (request) => {
      const old = request.param("name");
      const { name } = request.json(networkPost);
      renameNetwork(request.daemon.world, old, name);
      announce(request, name, "network-renamed", { old_name: old });
      return created(`/1.0/networks/${name}`);
    },
    DELETE: (request) => {
      deleteNetwork(request.daemon.world, request.param("name"));
      announce(request, request.param("name"), "network-deleted");
      return sync();
    },
  },
  {
    path: "/1.0/networks/{name}/state",
    GET: (request) => sync(networkState(request.daemon.world, request.param("name"))),
  },
  {
    path: "/1.0/networks/{name}/leases",
    GET: (request) => {
      const network = managedNetwork(request.daemon.world, request.param("name"));
      return fresh(listLeases(request.daemon.world, network, request.project));
    },
  },
  { path: "/1.0/networks/{name}/forwards", GET: () => sync([]) },
];
