import type { StorageApi, StorageVolumesApi } from "../api/storage.ts";
import type { Context } from "../context.ts";
import { change } from "../operations/run.ts";
import type { StoragePool, StoragePoolResources, StorageVolume, StorageVolumeState } from "../schema/storage.ts";
import { path, read, readList, readOne } from "./access.ts";

export function storageResource(context: Context): StorageApi {
  const { rest } = context;
  const at = (...name: string[]) => path("storage-pools", ...name);
  return {
    volumes: volumesResource(context),
    list: (options) => readList<StoragePool>(rest, { path: at() }, "name", options),
    async get(name, options) {
      return (await readOne<StoragePool>(rest, { path: at(name) }, "name", options)).value;
    },
    async create(body, options) {
      await change(context, { method: "POST", path: at(), body }, options);
    },
    async delete(name, options) {
      await change(context, { method: "DELETE", path: at(name) }, options);
    },
    async resources(name, options) {
      return (await readOne<StoragePoolResources>(rest, { path: at(name, "resources") }, "space", options)).value;
    },
  };
}

function volumesResource(context: Context): StorageVolumesApi {
  const { rest } = context;
  const at = (pool: string, ...rest: string[]) => path("storage-pools", pool, "volumes", ...rest);
  return {
    list: (pool, options) => readList<StorageVolume>(rest, { path: at(pool) }, "name", options),
    async get(pool, type, name, options) {
      return (await readOne<StorageVolume>(rest, { path: at(pool, type, name) }, "name", options)).value;
    },
    async state(pool, type, name, options) {
      const { value } = await read(rest, { path: at(pool, type, name, "state") }, options);
      return (value ?? {}) as StorageVolumeState;
    },
    async create(pool, body, options) {
      await change(context, { method: "POST", path: at(pool, "custom"), body }, options);
    },
    async delete(pool, name, options) {
      await change(context, { method: "DELETE", path: at(pool, "custom", name) }, options);
    },
  };
}
