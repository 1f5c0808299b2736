/** Storage pools. All are of driver `dir`; space is that of the machine that LXD pretends to have. */
import type { StoragePool, StoragePoolResources } from "@lxe/lxd-client";
import { poolTotalBytes, poolTotalInodes } from "../../limits.ts";
import { badRequest, conflict, failure, notFound } from "../errors.ts";
import { sorted } from "../etag.ts";
import type { Config, Devices, PoolRecord } from "../records.ts";
import { urlOf, type World } from "../world.ts";

const knownKeys = new Set(["source", "rsync.bwlimit", "rsync.compression", "size", "volatile.initial_source"]);

function checkPoolConfig(config: Config): void {
  for (const key of Object.keys(config)) {
    if (!knownKeys.has(key) && !key.startsWith("user.") && !key.startsWith("volume.")) {
      throw failure(`Invalid option ${JSON.stringify(key)}`);
    }
  }
}

export function findPool(world: World, name: string): PoolRecord {
  const pool = world.pools.get(name);
  if (pool === undefined) throw notFound("Storage pool not found");
  return pool;
}

export function createPool(world: World, input: PoolRecord): void {
  if (input.name === "") throw badRequest("No name provided");
  if (input.name.includes("/")) throw badRequest("Storage pool names may not contain slashes");
  if (input.driver === "") throw badRequest("No driver provided");
  if (world.pools.has(input.name)) throw conflict("The storage pool already exists: The record already exists");
  if (input.driver !== "dir") throw failure("Unknown driver");
  checkPoolConfig(input.config);
  const source = input.config["source"] ?? `${world.directory}/storage-pools/${input.name}`;
  world.pools.set(input.name, { ...input, config: { ...input.config, source } });
}

export function updatePool(pool: PoolRecord, change: { description: string; config: Config }): void {
  checkPoolConfig(change.config);
  const source = change.config["source"] ?? pool.config["source"] ?? "";
  if (source !== pool.config["source"]) throw failure("Pool source cannot be changed when not in pending state");
  pool.description = change.description;
  pool.config = { ...change.config, source };
}

const uses = (devices: Devices, pool: string) =>
  Object.values(devices).some((device) => device["type"] === "disk" && device["pool"] === pool);

function usersOf(world: World, name: string): string[] | null {
  const urls = [
    ...world
      .instancesOf(undefined)
      .filter((instance) => instance.pool === name)
      .map((instance) => urlOf("instances", instance.name, instance.project)),
    ...[...world.profiles.values()]
      .filter((profile) => uses(profile.devices, name))
      .map((profile) => urlOf("profiles", profile.name, profile.project)),
    ...[...world.volumes.values()]
      .filter((volume) => volume.pool === name)
      .map((volume) => `/1.0/storage-pools/${name}/volumes/custom/${volume.name}`),
  ];
  return urls.length === 0 ? null : urls;
}

export function renderPool(world: World, pool: PoolRecord): StoragePool {
  return {
    config: sorted(pool.config),
    description: pool.description,
    name: pool.name,
    driver: pool.driver,
    used_by: usersOf(world, pool.name),
    status: "Created",
    locations: ["none"],
  };
}

export function deletePool(world: World, name: string): void {
  findPool(world, name);
  if (usersOf(world, name) !== null) throw badRequest("The storage pool is currently in use");
  world.pools.delete(name);
}

/** Images lie on the same disk as the instances of every `dir` pool. */
export function poolResources(world: World): StoragePoolResources {
  const images = [...world.images.values()].map(
    (image) => image.files.metadata.length + (image.files.rootfs?.length ?? 0),
  );
  const trees = world.instancesOf(undefined).map((instance) => instance.rootfs?.sizeBytes() ?? 0);
  const used = [...images, ...trees].reduce((sum, bytes) => sum + bytes, 0);
  const inodes = world.instances.size * 1_000 + world.images.size;
  return { space: { used, total: poolTotalBytes }, inodes: { used: inodes, total: poolTotalInodes } };
}
