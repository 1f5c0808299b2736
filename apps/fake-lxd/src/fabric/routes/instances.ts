import { badRequest, failure, LxdFailure, notFound } from "../../kernel/errors.ts";
import { deleteInstance } from "../../kernel/instances/delete.ts";
import { checkNewName, renameInstance } from "../../kernel/instances/rename.ts";
import { isRunning } from "../../kernel/instances/status.ts";
import { restoreSnapshot } from "../../kernel/instances/snapshots.ts";
import { checkProfiles, updateInstance } from "../../kernel/instances/update.ts";
import { inShownOrder, instanceEtag, renderFull, renderInstance } from "../../kernel/instances/view.ts";
import { fresh, type Reply, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";
import { instancePost, instancePut } from "./instance-bodies.ts";
import { createInstance } from "./instance-create.ts";
import { listInstances } from "./instance-list.ts";
import { changeManyStates } from "./instance-state.ts";
import { instanceOf, operate } from "./operate.ts";

function getInstance(request: ApiRequest): Reply {
  const { world } = request.daemon;
  const instance = instanceOf(request);
  const view = request.recursion > 0 ? renderFull(world, instance) : renderInstance(world, instance);
  return fresh(view, instanceEtag(world, instance), () => inShownOrder(view));
}

function putInstance(request: ApiRequest): Reply {
  const { daemon, project } = request;
  const instance = instanceOf(request);
  request.checkKnownEtag(() => instanceEtag(daemon.world, instance));
  const body = request.json(instancePut);
  if (body.restore !== "") {
    return operate(request, "Restoring snapshot", instance, () => restoreSnapshot(daemon, instance, body.restore));
  }
  const profiles = body.profiles ?? [];
  checkProfiles(daemon.world, project, profiles);
  return operate(request, "Updating instance", instance, async () => {
    const config = body.config ?? {};
    const { architecture, description } = body;
    const ephemeral = body.ephemeral ?? false;
    await updateInstance(daemon, instance, {
      architecture,
      config,
      description,
      devices: body.devices ?? {},
      ephemeral,
      profiles,
      replaces: true,
    });
  });
}

/** Merges; but a description that is not sent is cleared, as LXD does. */
async function patchInstance(request: ApiRequest): Promise<Reply> {
  const { daemon, project } = request;
  const instance = instanceOf(request);
  request.checkKnownEtag(() => instanceEtag(daemon.world, instance));
  const body = request.jsonMap(instancePut);
  if (body.restore !== "") throw badRequest("Can't call PATCH in restore mode");
  if (body.profiles !== undefined) checkProfiles(daemon.world, project, body.profiles);
  await updateInstance(daemon, instance, {
    architecture: body.architecture,
    description: body.description,
    config: { ...instance.config, ...body.config },
    devices: { ...instance.devices, ...body.devices },
    ephemeral: body.ephemeral ?? instance.ephemeral,
    profiles: body.profiles ?? instance.profiles,
    replaces: false,
  });
  return sync();
}

function postInstance(request: ApiRequest): Reply {
  const { daemon } = request;
  const instance = instanceOf(request);
  const body = request.jsonMap(instancePost);
  if (body.migration) throw new LxdFailure(501, "Migration is not simulated");
  if (body.project !== "" || body.pool !== "") throw failure("Moving instances is not simulated");
  checkNewName(daemon, instance, body.name);
  return operate(request, "Renaming instance", instance, () => renameInstance(daemon, instance, body.name));
}

function removeInstance(request: ApiRequest): Reply {
  const { daemon } = request;
  const instance = instanceOf(request);
  if (isRunning(instance)) throw badRequest("Instance is running");
  return operate(request, "Deleting instance", instance, () => {
    if (daemon.world.instances.get(`${instance.project}/${instance.name}`) !== instance) {
      throw notFound("Instance not found");
    }
    deleteInstance(daemon, instance);
  });
}

function collection(kind: string): Route {
  return {
    path: `/1.0/${kind}`,
    GET: (request) => listInstances(request, kind),
    POST: createInstance,
    PUT: changeManyStates,
  };
}

export const instanceRoutes: Route[] = [
  collection("instances"),
  collection("containers"),
  collection("virtual-machines"),
  {
    path: "/1.0/(?:instances|containers)/{name}",
    GET: getInstance,
    PUT: putInstance,
    PATCH: patchInstance,
    POST: postInstance,
    DELETE: removeInstance,
  },
];
