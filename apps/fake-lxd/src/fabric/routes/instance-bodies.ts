/** The request bodies of instances. */
import { config, devices, flag, integer, list, map, maybe, object, text } from "../go-json.ts";

const source = object("InstanceSource", {
  alias: text,
  certificate: text,
  fingerprint: text,
  instance_only: flag,
  container_only: flag,
  mode: text,
  project: text,
  properties: config,
  protocol: text,
  secret: text,
  server: text,
  source: text,
  type: text,
});

export type InstanceSource = ReturnType<typeof source.zero>;

export const instancesPost = object("InstancesPost", {
  stateful: flag,
  name: text,
  architecture: text,
  config,
  description: text,
  devices,
  ephemeral: flag,
  instance_type: text,
  profiles: maybe(list(text)),
  source,
  type: text,
});

export type InstancesPost = ReturnType<typeof instancesPost.zero>;

export const instancePut = object("InstancePut", {
  architecture: text,
  config: maybe(config),
  description: text,
  devices: maybe(devices),
  ephemeral: maybe(flag),
  profiles: maybe(list(text)),
  restore: text,
});

export const instancePost = object("InstancePost", { name: text, migration: flag, project: text, pool: text });

export const statePut = object("InstanceStatePut", {
  action: text,
  force: flag,
  stateful: flag,
  timeout: maybe(integer),
});

export const bulkStatePut = object("InstancesPut", {
  state: maybe(statePut),
});

export const execPost = object("InstanceExecPost", {
  command: list(text),
  cwd: text,
  environment: map(text),
  group: integer,
  height: integer,
  interactive: flag,
  "record-output": flag,
  user: integer,
  "wait-for-websocket": flag,
  width: integer,
});

export const consolePost = object("InstanceConsolePost", { width: integer, height: integer, type: text });
export const snapshotsPost = object("InstanceSnapshotsPost", { name: text, stateful: flag, expires_at: text });
export const snapshotPut = object("InstanceSnapshotPut", { expires_at: text });
export const snapshotPost = object("InstanceSnapshotPost", { name: text });
