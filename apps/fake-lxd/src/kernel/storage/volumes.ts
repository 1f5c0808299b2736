/** Storage volumes: those of instances are only listed, custom ones are directories on the host. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { StorageVolume } from "@lxe/lxd-client";
import { badRequest, conflict, failure, notFound } from "../errors.ts";
import { sorted } from "../etag.ts";
import { snapshotUrl } from "../instances/view.ts";
import type { Config, InstanceRecord, VolumeRecord } from "../records.ts";
import { zeroTime } from "../time.ts";
import { keyOf, urlOf, type World } from "../world.ts";
import { findPool } from "./pools.ts";

const types = new Set(["container", "virtual-machine", "image", "custom"]);
const knownKey = /^(user\..+|size|security\.(shifted|unmapped)|snapshots\.(expiry|pattern|schedule)|volatile\..+)$/;

/** As it is called below the pool's directory. */
export const storedName = (project: string, name: string) => `${project}_${name}`;

function checkVolumeConfig(project: string, name: string, config: Config): void {
  for (const key of Object.keys(config)) {
    if (!knownKey.test(key)) throw failure(`Invalid option for volume "${storedName(project, name)}" option "${key}"`);
  }
}

const key = (pool: string, project: string, name: string) => `${pool}/${keyOf(project, name)}`;

export function checkVolumeType(type: string): void {
  if (!types.has(type)) throw badRequest(`Invalid storage volume type ${JSON.stringify(type)}`);
}

export function findVolume(world: World, pool: string, project: string, name: string): VolumeRecord {
  findPool(world, pool);
  const volume = world.volumes.get(key(pool, world.owner(project, "storage.volumes"), name));
  if (volume === undefined) throw notFound("Storage pool volume not found");
  return volume;
}

export interface VolumeInput {
  pool: string;
  project: string;
  type: string;
  name: string;
  description: string;
  contentType: string;
  config: Config;
}

export function createVolume(world: World, input: VolumeInput): void {
  findPool(world, input.pool);
  if (input.name === "") throw badRequest("No name provided");
  if (input.name.includes("/")) throw badRequest("Storage volume names may not contain slashes");
  if (input.type !== "custom") {
    throw badRequest(`Currently not allowed to create storage volumes of type ${JSON.stringify(input.type)}`);
  }
  const contentType = input.contentType || "filesystem";
  if (contentType !== "filesystem" && contentType !== "block") throw badRequest("Invalid volume content type name");
  const project = world.owner(input.project, "storage.volumes");
  const id = key(input.pool, project, input.name);
  if (world.volumes.has(id)) throw conflict("Volume by that name already exists");
  checkVolumeConfig(project, input.name, input.config);
  if (!world.hasSpace(`/volumes/${input.name}`)) throw failure("mkdir: no space left on device");
  const hostPath = join(world.scratchDirectory(), "volumes", input.pool, storedName(project, input.name));
  mkdirSync(hostPath, { recursive: true });
  const { name, description, config, pool } = input;
  world.volumes.set(id, { pool, project, name, description, contentType, config, hostPath });
}

function usersOf(world: World, volume: VolumeRecord): string[] {
  return world
    .instancesOf(undefined)
    .filter((instance) =>
      Object.values(instance.devices).some(
        (device) => device["type"] === "disk" && device["pool"] === volume.pool && device["source"] === volume.name,
      ),
    )
    .map((instance) => urlOf("instances", instance.name, instance.project));
}

export function updateVolume(volume: VolumeRecord, change: { description: string; config: Config }): void {
  checkVolumeConfig(volume.project, volume.name, change.config);
  volume.description = change.description;
  volume.config = Object.fromEntries(Object.entries(change.config).filter(([, value]) => value !== ""));
}

export function renameVolume(world: World, volume: VolumeRecord, name: string): void {
  if (usersOf(world, volume).length > 0) throw badRequest("Volume is still in use by running instances");
  const id = key(volume.pool, volume.project, name);
  if (world.volumes.has(id)) throw conflict("Volume by that name already exists");
  world.volumes.delete(key(volume.pool, volume.project, volume.name));
  volume.name = name;
  world.volumes.set(id, volume);
}

export function deleteVolume(world: World, volume: VolumeRecord): void {
  if (usersOf(world, volume).length > 0) throw badRequest("The storage volume is still in use");
  world.volumes.delete(key(volume.pool, volume.project, volume.name));
  rmSync(volume.hostPath, { recursive: true, force: true });
}

export function renderVolume(world: World, volume: VolumeRecord): StorageVolume {
  return {
    config: sorted(volume.config),
    description: volume.description,
    name: volume.name,
    type: "custom",
    used_by: usersOf(world, volume),
    location: "none",
    content_type: volume.contentType,
    project: volume.project,
    created_at: zeroTime,
  };
}

function containerVolume({ project }: InstanceRecord, name: string, user: string): StorageVolume {
  return {
    config: {},
    description: "",
    name,
    type: "container",
    used_by: [user],
    location: "none",
    content_type: "filesystem",
    project,
    created_at: zeroTime,
  };
}

export function volumesOf(world: World, pool: string, project: string): StorageVolume[] {
  findPool(world, pool);
  const instances = world
    .instancesOf(project)
    .filter((instance) => instance.pool === pool)
    .flatMap((instance) => [
      containerVolume(instance, instance.name, urlOf("instances", instance.name, instance.project)),
      ...instance.snapshots.map(({ name }) =>
        containerVolume(instance, `${instance.name}/${name}`, snapshotUrl(instance, name)),
      ),
    ])
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const owner = world.owner(project, "storage.volumes");
  const custom = [...world.volumes.values()].filter((volume) => volume.pool === pool && volume.project === owner);
  return [...instances, ...custom.map((volume) => renderVolume(world, volume))];
}
