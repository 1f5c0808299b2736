import { badRequest, conflict } from "../../kernel/errors.ts";
import { rootRequestor } from "../../kernel/events.ts";
import {
  createSnapshot,
  deleteSnapshot,
  findSnapshot,
  nextSnapshotName,
  renameSnapshot,
  setSnapshotExpiry,
} from "../../kernel/instances/snapshots.ts";
import { instanceResources, instanceUrl, renderSnapshot, snapshotUrl } from "../../kernel/instances/view.ts";
import { accepted, type Reply, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";
import { snapshotPost, snapshotPut, snapshotsPost } from "./instance-bodies.ts";
import { instanceOf, operate } from "./operate.ts";

function listSnapshots(request: ApiRequest): unknown[] {
  const instance = instanceOf(request);
  return instance.snapshots.map((snapshot) =>
    request.recursion > 0
      ? renderSnapshot(request.daemon.world, instance, snapshot)
      : snapshotUrl(instance, snapshot.name),
  );
}

function onSnapshot(request: ApiRequest, description: string, run: () => void) {
  const name = `${request.param("name")}/${request.param("snapshot")}`;
  const operation = request.daemon.operations.create({
    project: request.project,
    class: "task",
    description,
    resources: { containers: [`/1.0/containers/${name}`], instances: [`/1.0/instances/${name}`] },
    run: () => Promise.resolve(run()),
  });
  return accepted(operation);
}

function changeExpiry(request: ApiRequest): Reply {
  const instance = instanceOf(request);
  const name = request.param("snapshot");
  const snapshot = findSnapshot(instance, name);
  request.checkEtag([snapshot.expiresAt]);
  const { expires_at: expiresAt } = request.json(snapshotPut);
  const operation = request.daemon.operations.create({
    project: request.project,
    class: "task",
    description: "Updating snapshot",
    // LXD 5.0 leaves the instance out
    resources: instanceResources(name),
    run: () => Promise.resolve(setSnapshotExpiry(request.daemon, instance, name, expiresAt)),
  });
  return accepted(operation);
}

/** What the image says of itself. */
function readMetadata(request: ApiRequest): Reply {
  const instance = instanceOf(request);
  const empty = { architecture: "", creation_date: 0, expiry_date: 0, properties: null, templates: null };
  const view = { ...empty, ...instance.metadata };
  const source = instanceUrl(instance).replace(/(\?|$)/, "/metadata$1");
  const { events } = request.daemon;
  events.lifecycle(instance.project, { action: "instance-metadata-retrieved", source, requestor: rootRequestor });
  return sync(view, view);
}

export const instanceSnapshotRoutes: Route[] = [
  {
    path: "/1.0/(?:instances|containers)/{name}/snapshots",
    GET: (request) => sync(listSnapshots(request)),
    POST: (request) => {
      const instance = instanceOf(request);
      const body = request.json(snapshotsPost);
      const name = body.name || nextSnapshotName(request.daemon, instance);
      if (name.includes("/")) throw badRequest('Invalid snapshot name: Cannot contain "/"');
      return operate(request, "Snapshotting instance", instance, () =>
        createSnapshot(request.daemon, instance, name, body.expires_at),
      );
    },
  },
  {
    path: "/1.0/(?:instances|containers)/{name}/snapshots/{snapshot}",
    GET: (request) => {
      const instance = instanceOf(request);
      const snapshot = findSnapshot(instance, request.param("snapshot"));
      return sync(renderSnapshot(request.daemon.world, instance, snapshot), [snapshot.expiresAt]);
    },
    POST: (request) => {
      const instance = instanceOf(request);
      const { name } = request.json(snapshotPost);
      const old = request.param("snapshot");
      findSnapshot(instance, old);
      if (instance.snapshots.some((snapshot) => snapshot.name === name))
        throw conflict(`Name '${instance.name}/${name}' already in use`);
      return operate(request, "Renaming snapshot", instance, () => renameSnapshot(request.daemon, instance, old, name));
    },
    PUT: changeExpiry,
    PATCH: changeExpiry,
    DELETE: (request) => {
      const instance = instanceOf(request);
      const name = request.param("snapshot");
      findSnapshot(instance, name);
      return onSnapshot(request, "Deleting snapshot", () => deleteSnapshot(request.daemon, instance, name));
    },
  },
  { path: "/1.0/(?:instances|containers)/{name}/backups", GET: (request) => sync(emptyOf(request)) },
  {
    path: "/1.0/(?:instances|containers)/{name}/metadata",
    GET: readMetadata,
  },
];

/** There are never backups, but there must be the instance. */
function emptyOf(request: ApiRequest): [] {
  instanceOf(request);
  return [];
}
