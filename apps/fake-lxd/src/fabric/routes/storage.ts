import type { StorageVolume } from "@lxe/lxd-client";
import { failure } from "../../kernel/errors.ts";
import { rootRequestor } from "../../kernel/events.ts";
import { createPool, deletePool, findPool, poolResources, renderPool, updatePool } from "../../kernel/storage/pools.ts";
import {
  checkVolumeType,
  createVolume,
  deleteVolume,
  findVolume,
  renameVolume,
  renderVolume,
  storedName,
  updateVolume,
  volumesOf,
} from "../../kernel/storage/volumes.ts";
import { sorted } from "../../kernel/etag.ts";
import type { VolumeRecord } from "../../kernel/records.ts";
import { urlOf } from "../../kernel/world.ts";
import { compileFilter } from "../filter.ts";
import { config, maybe, object, text } from "../go-json.ts";
import { created, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";

const poolsPost = object("StoragePoolsPost", { name: text, driver: text, description: text, config });
const poolPut = object("StoragePoolPut", { description: maybe(text), config });
const volumesPost = object("StorageVolumesPost", {
  name: text,
  type: text,
  description: text,
  content_type: text,
  config,
});
const volumePut = object("StorageVolumePut", { description: maybe(text), config });
const volumePost = object("StorageVolumePost", { name: text });

function announce({ daemon, project }: ApiRequest, action: string, source: string): void {
  daemon.events.lifecycle(project, { action, source, requestor: rootRequestor });
}

/** Under the name that it has on disk. */
function announceVolume({ daemon, project }: ApiRequest, action: string, pool: string, name: string): void {
  const owner = daemon.world.owner(project, "storage.volumes");
  const source = urlOf(`storage-pools/${pool}/volumes/custom`, storedName(owner, name), owner);
  const context = action === "storage-volume-created" ? { type: "custom" } : undefined;
  daemon.events.lifecycle(owner, { action, source, context, requestor: rootRequestor });
}

function changePool(request: ApiRequest, keep: boolean): void {
  const pool = findPool(request.daemon.world, request.param("pool"));
  const change = request.json(poolPut);
  updatePool(pool, {
    description: change.description ?? (keep ? pool.description : ""),
    config: keep ? { ...pool.config, ...change.config } : change.config,
  });
  announce(request, "storage-pool-updated", `/1.0/storage-pools/${pool.name}`);
}

function addVolume(request: ApiRequest, type: string | undefined): void {
  const body = request.json(volumesPost);
  const { content_type: contentType, ...input } = body;
  const pool = request.param("pool");
  createVolume(request.daemon.world, {
    ...input,
    contentType,
    type: type ?? body.type,
    pool,
    project: request.project,
  });
  announceVolume(request, "storage-volume-created", pool, body.name);
}

function listVolumes(request: ApiRequest, type: string | undefined): unknown[] {
  const { world } = request.daemon;
  const pool = request.param("pool");
  const passes = compileFilter(request.query.get("filter"));
  const volumes = volumesOf(world, pool, request.project).filter(
    (volume) => (type === undefined || volume.type === type) && passes(volume),
  );
  if (request.recursion > 0) return volumes;
  return volumes.map(({ type: kind, name }) => {
    const [volume = "", snapshot] = name.split("/");
    const place = `storage-pools/${pool}/volumes/${kind}`;
    if (snapshot === undefined) return urlOf(place, volume, request.project);
    return urlOf(`${place}/${volume}/snapshots`, snapshot, request.project);
  });
}

function volumeOf(request: ApiRequest): VolumeRecord {
  return findVolume(request.daemon.world, request.param("pool"), request.project, request.param("volume"));
}

const volumeEtag = (volume: VolumeRecord) => [volume.name, "custom", sorted(volume.config)];

function changeVolume(request: ApiRequest, keep: boolean): void {
  const volume = volumeOf(request);
  request.checkEtag(volumeEtag(volume));
  const change = request.json(volumePut);
  updateVolume(volume, {
    description: change.description ?? (keep ? volume.description : ""),
    config: keep ? { ...volume.config, ...change.config } : change.config,
  });
  announceVolume(request, "storage-volume-updated", volume.pool, volume.name);
}

const customVolume: Omit<Route, "path"> = {
  GET: (request) => {
    const volume = volumeOf(request);
    return sync(renderVolume(request.daemon.world, volume), volumeEtag(volume));
  },
  PUT: (request) => {
    changeVolume(request, false);
    return sync();
  },
  PATCH: (request) => {
    changeVolume(request, true);
    return sync();
  },
  POST: (request) => {
    const { name } = request.json(volumePost);
    renameVolume(request.daemon.world, volumeOf(request), name);
    return created(`/1.0/storage-pools/${request.param("pool")}/volumes/custom/${name}`);
  },
  DELETE: (request) => {
    const volume = volumeOf(request);
    deleteVolume(request.daemon.world, volume);
    announceVolume(request, "storage-volume-deleted", volume.pool, volume.name);
    return sync();
  },
};

/** Volumes of instances can only be read. */
function readInstanceVolume(request: ApiRequest): StorageVolume {
  const found = volumesOf(request.daemon.world, request.param("pool"), request.project).find(
    (volume) => volume.type === request.param("type") && volume.name === request.param("volume"),
  );
  if (found === undefined) return renderVolume(request.daemon.world, volumeOf(request));
  return found;
}

export const storageRoutes: Route[] = [
  {
    path: "/1.0/storage-pools",
    GET: (request) => {
      const { world } = request.daemon;
      const pools = [...world.pools.values()];
      return sync(
        request.recursion > 0
          ? pools.map((pool) => renderPool(world, pool))
          : pools.map((pool) => `/1.0/storage-pools/${pool.name}`),
      );
    },
    POST: (request) => {
      const input = request.json(poolsPost);
      createPool(request.daemon.world, input);
      announce(request, "storage-pool-created", `/1.0/storage-pools/${input.name}`);
      return created(`/1.0/storage-pools/${input.name}`);
    },
  },
  {
    path: "/1.0/storage-pools/{pool}",
    GET: (request) => sync(renderPool(request.daemon.world, findPool(request.daemon.world, request.param("pool")))),
    PUT: (request) => {
      changePool(request, false);
      return sync();
    },
    PATCH: (request) => {
      changePool(request, true);
      return sync();
    },
    DELETE: (request) => {
      deletePool(request.daemon.world, request.param("pool"));
      announce(request, "storage-pool-deleted", `/1.0/storage-pools/${request.param("pool")}`);
      return sync();
    },
  },
  {
    path: "/1.0/storage-pools/{pool}/resources",
    GET: (request) => {
      // LXD 5.0 says so as a failure of its own
      if (!request.daemon.world.pools.has(request.param("pool"))) throw failure("Storage pool not found");
      return sync(poolResources(request.daemon.world));
    },
  },
  {
    path: "/1.0/storage-pools/{pool}/volumes",
    GET: (request) => sync(listVolumes(request, undefined)),
    POST: (request) => {
      addVolume(request, undefined);
      return sync();
    },
  },
  {
    path: "/1.0/storage-pools/{pool}/volumes/{type}",
    GET: (request) => {
      checkVolumeType(request.param("type"));
      return sync(listVolumes(request, request.param("type")));
    },
    POST: (request) => {
      addVolume(request, request.param("type"));
      return sync();
    },
  },
  { path: "/1.0/storage-pools/{pool}/volumes/custom/{volume}", ...customVolume },
  {
    path: "/1.0/storage-pools/{pool}/volumes/{type}/{volume}",
    GET: (request) => {
      const volume = readInstanceVolume(request);
      return sync(volume, [volume.name, volume.type, volume.config]);
    },
  },
  {
    path: "/1.0/storage-pools/{pool}/volumes/{type}/{volume}/state",
    GET: (request) => {
      readInstanceVolume(request);
      // The dir driver cannot tell.
      throw failure("Not supported");
    },
  },
  { path: "/1.0/storage-pools/{pool}/volumes/{type}/{volume}/snapshots", GET: () => sync([]) },
];
