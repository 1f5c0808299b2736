/** Making instances: from an image, empty, or as a copy. Checks that LXD makes before its operation, and those inside it. */
import { checkConfig } from "../config/check-config.ts";
import type { Daemon } from "../daemon.ts";
import { checkDevices, checkDiskExists, isDeviceType, rootPoolOf } from "../devices/check-devices.ts";
import { failure, within } from "../errors.ts";
import { LogStore } from "../logs.ts";
import type { Operation } from "../operations.ts";
import type { Config, Devices, ImageRecord, InstanceRecord } from "../records.ts";
import { findPool } from "../storage/pools.ts";
import { keyOf, type World } from "../world.ts";
import { expandedDevices } from "./expand.ts";
import { setConfig } from "./own-config.ts";
import { instanceUrl } from "./view.ts";
import { checkRawIdMap, initialVolatile } from "./volatile.ts";

export interface CreateInput {
  project: string;
  name: string;
  description: string;
  architecture: string;
  config: Config;
  devices: Devices;
  ephemeral: boolean;
  profiles: string[];
}

const architectures = new Set(["x86_64", "i686", "aarch64", "armv7l", "ppc64le", "riscv64", "s390x"]);

/** LXD takes an architecture that it does not know for its own. */
export function architectureOf(world: World, given: string): string {
  return architectures.has(given) ? given : world.architecture;
}

/** Only an empty instance's is checked. */
export function checkArchitecture(given: string): void {
  if (!architectures.has(given)) throw failure(`Architecture isn't supported: ${given}`);
}

/** Before the operation. */
export function checkProfilesExist(world: World, project: string, profiles: readonly string[]): void {
  for (const name of profiles) {
    if (world.profile(project, name) === undefined) {
      throw failure(`Requested profile ${JSON.stringify(name)} doesn't exist`);
    }
  }
}

function checkNew(world: World, instance: InstanceRecord, config: Config): void {
  const key = keyOf(instance.project, instance.name);
  checkConfig(config, false);
  const runnable = world.architecture === "x86_64" ? ["x86_64", "i686"] : [world.architecture];
  if (!runnable.includes(instance.architecture)) throw failure("Requested architecture isn't supported by this host");
  if (new Set(instance.profiles).size < instance.profiles.length) throw failure("Duplicate profile found in request");
  for (const { type = "" } of Object.values(instance.devices))
    if (!isDeviceType(type)) throw failure(`Invalid device type ${type}`);
  if (world.instances.has(key)) {
    throw failure('Add instance info to the database: This "instances" entry already exists');
  }
  inContext("Failed initialising instance", () => {
    checkNewDevices(world, instance);
    checkNewDisks(world, instance);
    checkNewPool(world, instance);
  });
}

function checkNewDevices(world: World, instance: InstanceRecord): void {
  const scope = { world, project: instance.project, instance: instance.name };
  inContext("Invalid devices", () => checkDevices(instance.devices, scope));
  const expanded = expandedDevices(world, instance);
  const context = "Invalid devices: Failed detecting root disk device";
  if (Object.keys(expanded).length > 0) inContext(context, () => rootPoolOf(expanded));
}

function checkNewDisks(world: World, instance: InstanceRecord): void {
  const scope = { world, project: instance.project, instance: instance.name };
  for (const [name, device] of Object.entries(expandedDevices(world, instance))) {
    inContext(`Failed add validation for device ${JSON.stringify(name)}`, () => checkDiskExists(name, device, scope));
  }
}

function checkNewPool(world: World, instance: InstanceRecord): void {
  const expanded = expandedDevices(world, instance);
  inContext("Failed getting root disk", () => rootPoolOf(expanded));
  inContext("Failed loading storage pool", () => findPool(world, rootPoolOf(expanded)));
}

function inContext(context: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw within(context, error);
  }
}

function recordOf(world: World, input: CreateInput): InstanceRecord {
  return {
    ...input,
    architecture: architectureOf(world, input.architecture),
    config: withoutEmpty(input.config),
    createdAtMs: world.clock.now(),
    lastUsedAtMs: 0,
    pool: "",
    rootfs: null,
    metadata: {},
    snapshots: [],
    machine: null,
    isStarting: false,
    lastConsole: null,
  };
}

export function withoutEmpty(config: Readonly<Config>): Readonly<Config> {
  if (!Object.keys(config).some((key) => config[key] === "")) return config;
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== ""));
}

/** The record is in the database before there is a root file system, as with LXD. */
function insert(daemon: Daemon, input: CreateInput): InstanceRecord {
  const { world } = daemon;
  const instance = recordOf(world, input);
  try {
    const holder = daemon.locks.holder(keyOf(instance.project, instance.name));
    if (holder !== undefined) throw failure(`Instance is busy running a "${holder}" operation`);
    checkNew(world, instance, input.config);
    inContext("Failed initialising instance", () => checkRawIdMap(world, instance));
  } catch (error) {
    throw within("Failed creating instance record", error);
  }
  instance.pool = rootPoolOf(expandedDevices(world, instance));
  initialVolatile(world, instance);
  world.instances.set(keyOf(instance.project, instance.name), instance);
  // what an earlier instance of the name has left
  world.logs.clear(LogStore.directoryOf(instance.project, instance.name));
  world.logs.write(LogStore.directoryOf(instance.project, instance.name), "lxc.log", "");
  daemon.events.lifecycle(instance.project, {
    action: "instance-created",
    source: instanceUrl(instance),
    context: { "storage-pool": instance.pool, type: "container" },
  });
  return instance;
}

/** Throws away the record again. */
function requireSpace(daemon: Daemon, instance: InstanceRecord): void {
  const { world } = daemon;
  if (world.hasSpace(`/instances/${instance.name}`)) return;
  world.instances.delete(keyOf(instance.project, instance.name));
  throw failure(
    `Failed creating instance from image: Unpack failed: Failed to run: tar --restrict --force-local -C ${world.directory}/storage-pools/${instance.pool}/containers/${instance.name} --numeric-owner --xattrs-include=* -zxf -: tar: write error: no space left on device`,
  );
}

export async function createFromImage(
  daemon: Daemon,
  input: CreateInput,
  image: ImageRecord,
  operation: Operation,
): Promise<InstanceRecord> {
  const { world } = daemon;
  const properties = Object.entries(image.properties).map(([key, value]) => [`image.${key}`, value] as const);
  const instance = insert(daemon, {
    ...input,
    config: { ...input.config, ...Object.fromEntries(properties), "volatile.base_image": image.fingerprint },
  });
  using _lock = daemon.locks.acquire(keyOf(instance.project, instance.name), "create");
  await daemon.sleep(world.timing.create);
  requireSpace(daemon, instance);
  instance.rootfs = image.rootfs.clone();
  instance.metadata = image.metadata;
  image.lastUsedAtMs = world.clock.now();
  reportUnpack(operation, image);
  return instance;
}

function reportUnpack(operation: Operation, image: ImageRecord): void {
  const bytes = image.files.metadata.length + (image.files.rootfs?.length ?? 0);
  const speed = Math.max(bytes, 1) * 100;
  operation.update({
    create_instance_from_image_unpack_progress: `Unpack: 100% (${(speed / 1e6).toFixed(2)}MB/s)`,
    progress: { percent: "100", speed: String(speed), stage: "create_instance_from_image_unpack" },
  });
}

export function createEmpty(daemon: Daemon, input: CreateInput): InstanceRecord {
  return insert(daemon, input);
}

export interface CopySource {
  instance: InstanceRecord;
  /** Null for the instance itself. */
  snapshot: InstanceRecord["snapshots"][number] | null;
  withSnapshots: boolean;
}

/** Config and devices of the request come on top of the source's. */
export async function createCopy(daemon: Daemon, input: CreateInput, source: CopySource): Promise<InstanceRecord> {
  const origin = source.snapshot ?? source.instance;
  const inherited = Object.fromEntries(
    Object.entries(origin.config).filter(([key]) => !key.startsWith("volatile.") || key === "volatile.base_image"),
  );
  const instance = insert(daemon, {
    ...input,
    architecture: origin.architecture,
    config: { ...inherited, ...input.config },
    devices: { ...origin.devices, ...input.devices },
  });
  using _lock = daemon.locks.acquire(keyOf(instance.project, instance.name), "create");
  await daemon.sleep(daemon.world.timing.create);
  requireSpace(daemon, instance);
  instance.rootfs = origin.rootfs?.clone() ?? null;
  instance.metadata = source.instance.metadata;
  setConfig(instance, { "volatile.apply_template": "copy" });
  if (source.withSnapshots) {
    instance.snapshots = source.instance.snapshots.map((one) => ({ ...one, rootfs: one.rootfs?.clone() ?? null }));
  }
  return instance;
}
