import type { StorageApi, StorageVolumesApi } from "../api/storage.ts";
import type { Context } from "../context.ts";
import { change } from "../operations/run.ts";
import type { StoragePool, StoragePoolResources, StorageVolume } from "../schema/storage.ts";
import { path, read, readList, readOne } from "./access.ts";

const poolPath = (...segments: string[]) => path("storage-pools", ...segments);

export function storageResource(context: Context): StorageApi {
  const { rest } = context;
  return {
    volumes: volumesResource(context),
    list: (options) => readList<StoragePool>(rest, { path: poolPath() }, "name", options),
    async get(name, options) {
      return (await readOne<StoragePool>(rest, { path: poolPath(name) }, "name", options)).value;
    },
    async create(body, options) {
      await change(context, { method: "POST", path: poolPath(), body }, options);
    },
    async delete(name, options) {
      await change(context, { method: "DELETE", path: poolPath(name) }, options);
    },
    async resources(name, options) {
      return (await readOne<StoragePoolResources>(rest, { path: poolPath(name, "resources") }, "space", options)).value;
    },
  };
}

function volumesResource(context: Context): StorageVolumesApi {
  const { rest } = context;
  return {
    list: (pool, options) => readList<StorageVolume>(rest, { path: poolPath(pool, "volumes") }, "name", options),
    async get(pool, type, name, options) {
      return (await readOne<StorageVolume>(rest, { path: poolPath(pool, "volumes", type, name) }, "name", options))
        .value;
    },
    async state(pool, type, name, options) {
      const { value } = await read(rest, { path: poolPath(pool, "volumes", type, name, "state") }, options);
      return value ?? {};
    },
    async create(pool, body, options) {
      await change(context, { method: "POST", path: poolPath(pool, "volumes", "custom"), body }, options);
    },
    async delete(pool, name, options) {
      await change(context, { method: "DELETE", path: poolPath(pool, "volumes", "custom", name) }, options);
    },
  };
}
