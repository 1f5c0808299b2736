/** PUT and PATCH of an instance: validation, live changes of a running one, volatile bookkeeping. */
import type { GuestMount } from "../../guest/types.ts";
import { LogStore } from "../logs.ts";
import { checkConfig } from "../config/check-config.ts";
import type { Daemon } from "../daemon.ts";
import { checkDevices, checkDiskExists, rootPoolOf } from "../devices/check-devices.ts";
import { checkNicConflicts } from "../devices/nic-conflicts.ts";
import { diskGuestMount, diskMount } from "../devices/mounts.ts";
import { guestInterface, nicOf } from "../devices/nics.ts";
import { startProxy } from "../devices/proxies.ts";
import { failure, notFound, within } from "../errors.ts";
import { sorted } from "../etag.ts";
import type { Config, Devices, InstanceRecord } from "../records.ts";
import { keyOf, type World } from "../world.ts";
import { architectureOf, withoutEmpty } from "./create.ts";
import { checkParent } from "./start-checks.ts";
import { expandedConfig, expandedDevices } from "./expand.ts";
import { limitsOf } from "./limits-of.ts";
import { lxcConfigOf } from "./lxc-config.ts";
import type { Machine } from "./machine.ts";
import { setConfig, withChanges } from "./own-config.ts";
import { instanceUrl } from "./view.ts";
import {
  checkIdMapKept,
  checkRawIdMap,
  cloudInitView,
  dropDeviceVolatile,
  fillNicVolatile,
  giveHostName,
  refreshIdMap,
  renewCloudInitId,
} from "./volatile.ts";

export interface InstanceChange {
  description: string;
  architecture: string;
  config: Config;
  devices: Devices;
  ephemeral: boolean;
  profiles: string[];
  /** A PUT, not a PATCH. */
  replaces: boolean;
}

export function checkProfiles(world: World, project: string, profiles: readonly string[]): void {
  if (profiles.some((name) => world.profile(project, name) === undefined)) throw notFound("Profile not found");
}

function inContext<T>(context: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw within(context, error);
  }
}

/** `kept`: configuration whose id map has to be in the next, too. */
function checkChange(world: World, next: InstanceRecord, kept: Readonly<Config> | undefined): void {
  const scope = { world, project: next.project, instance: next.name };
  if (new Set(next.profiles).size < next.profiles.length) throw failure("Duplicate profile found in request");
  inContext("Invalid config", () => checkConfig(next.config, false));
  inContext("Invalid devices", () => checkDevices(next.devices, scope));
  if (kept) checkIdMapKept(kept, withoutEmpty(next.config));
  const expanded = expandedDevices(world, next);
  // one without any device at all is fine
  if (Object.keys(expanded).length === 0) return;
  inContext("Invalid expanded devices: Failed detecting root disk device", () => rootPoolOf(expanded));
  checkRootPool(next, expanded);
}

function checkRootPool(instance: InstanceRecord, expanded: Devices): void {
  const pool = rootPoolOf(expanded);
  if (pool !== instance.pool) throw failure(`Cannot update root disk device pool name to ${JSON.stringify(pool)}`);
}

/** Of two devices. Their options are sorted. */
const same = (a: Device | undefined, b: Device | undefined) => a === b || JSON.stringify(a) === JSON.stringify(b);

function sameConfig(a: Readonly<Config>, b: Readonly<Config>): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

type Device = Record<string, string>;

interface DeviceChanges {
  before: Devices;
  after: Devices;
  removed: [name: string, device: Device][];
  /** Nics first, as LXD starts them. */
  added: [name: string, device: Device][];
}

function compareDevices(before: Devices, after: Devices): DeviceChanges {
  return {
    before,
    after,
    removed: Object.entries(before).filter(([name, device]) => !same(device, after[name])),
    added: Object.entries(after)
      .filter(([name, device]) => !same(device, before[name]))
      .toSorted(([a, { type: kind }], [b, { type: otherKind }]) => {
        const rank = Number(otherKind === "nic") - Number(kind === "nic");
        return rank || (a < b ? -1 : 1);
      }),
  };
}

async function unplug(instance: InstanceRecord, machine: Machine, name: string, device: Device): Promise<void> {
  if (device["type"] === "nic") {
    machine.guest.unplug(nicOf(instance, name, device).name);
    setConfig(instance, { [`volatile.${name}.host_name`]: undefined });
  }
  if (device["type"] === "disk" && device["path"] !== "/") await machine.guest.unmount(device["path"] ?? "");
  if (device["type"] === "proxy") {
    await machine.proxies.get(name)?.[Symbol.asyncDispose]();
    machine.proxies.delete(name);
  }
}

/** The program that LXD runs for it says no more than that it failed. */
async function plugDisk(
  world: World,
  instance: InstanceRecord,
  machine: Machine,
  name: string,
  mount: GuestMount,
): Promise<void> {
  try {
    await machine.guest.mount(mount);
  } catch {
    const own = LogStore.directoryOf(instance.project, instance.name);
    const source = `${world.directory}/devices/${own}/disk.${name}.${mount.target.slice(1).replaceAll("/", "-")}`;
    const conf = `${world.directory}/logs/${own}/lxc.conf`;
    throw failure(
      `Failed to add mount for device inside container: Failed to run: /usr/bin/lxd forkmount lxc-mount -- ${own} ${world.directory}/containers ${conf} ${source} ${mount.target} none 4096: exit status 1`,
    );
  }
}

async function plug(
  world: World,
  instance: InstanceRecord,
  machine: Machine,
  name: string,
  device: Device,
): Promise<void> {
  if (device["type"] === "disk" && device["path"] !== "/") {
    const mount = diskMount(world, instance, name, device);
    if (mount !== undefined) await plugDisk(world, instance, machine, name, diskGuestMount(mount));
  }
  if (device["type"] === "nic") {
    checkParent(world, device);
    giveHostName(world, instance, name, device);
    machine.guest.plug(guestInterface(world, instance, nicOf(instance, name, device), Number.NaN, machine.settings));
  }
  if (device["type"] === "proxy") machine.proxies.set(name, await startProxy(device, machine.guest));
}

/**
 * What a running container takes at once: limits, disks, proxies, nics. The rest waits for its next start. Devices go first,
 * then each new one is checked and started before the next is looked at. When one fails those started are stopped again;
 * what is gone stays gone. `stored`: those that the database has meanwhile.
 */
async function changeDevices(
  daemon: Daemon,
  instance: InstanceRecord,
  changes: DeviceChanges,
  stored: Devices,
): Promise<void> {
  const { world } = daemon;
  const machine = instance.machine?.guest.running ? instance.machine : undefined;
  const started: [string, Device][] = [];
  for (const [name, device] of changes.removed) {
    if (changesLive(device, changes.after[name] ?? {})) continue;
    if (machine) await daemon.guard(unplug(instance, machine, name, device));
    if (changes.after[name]?.["type"] !== device["type"]) dropDeviceVolatile(instance, name);
  }
  try {
    for (const [name, device] of changes.added) {
      fillNicVolatile(world, instance, name);
      checkPlugged(world, instance, name, device, changes.before[name], stored);
      if (changesLive(changes.before[name], device)) continue;
      if (machine) await start(daemon, instance, machine, name, device);
      started.push([name, device]);
    }
  } catch (error) {
    if (machine) for (const [name, device] of started) await daemon.guard(unplug(instance, machine, name, device));
    throw error;
  }
  machine?.guest.setLimits(limitsOf(expandedConfig(world, instance), machine.settings.cgroup));
}

async function start(
  daemon: Daemon,
  instance: InstanceRecord,
  machine: Machine,
  name: string,
  device: Device,
): Promise<void> {
  try {
    await daemon.guard(plug(daemon.world, instance, machine, name, device));
  } catch (error) {
    throw within(`Failed to start device ${JSON.stringify(name)}`, error);
  }
}

/** Options that a nic takes without being unplugged. */
const nicLiveOption = /^(ipv[46]\.(address|routes)|ipv[46]\.routes\.external|limits\..+|security\..+)$/;

function changesLive(before: Device | undefined, after: Device): boolean {
  if (before?.["type"] !== "nic" || after["type"] !== "nic") return false;
  return same(fixedOptions(before), fixedOptions(after));
}

function fixedOptions(device: Device): Device {
  return sorted(Object.fromEntries(Object.entries(device).filter(([option]) => !nicLiveOption.test(option))));
}

function checkPlugged(
  world: World,
  instance: InstanceRecord,
  name: string,
  device: Device,
  before: Device | undefined,
  stored: Devices,
): void {
  const verb = changesLive(before, device) ? "update" : "add";
  inContext(`Failed ${verb} validation for device ${JSON.stringify(name)}`, () => {
    checkDiskExists(name, device, { world, project: instance.project });
    checkNicConflicts(world, instance, name, device, stored);
  });
}

/** What a nic has been given, or has lost, is so also when the change is refused in the end. */
function keptNicVolatile(
  config: Readonly<Config>,
  tried: Readonly<Config>,
  { removed, added }: DeviceChanges,
): Readonly<Config> {
  const keys = [...removed, ...added].flatMap(([name]) =>
    ["hwaddr", "name", "host_name"].map((option) => `volatile.${name}.${option}`),
  );
  return withChanges(config, Object.fromEntries(keys.map((key) => [key, tried[key]])));
}

const idMapKeys = [
  "raw.idmap",
  "security.privileged",
  "security.idmap.base",
  "security.idmap.size",
  "security.idmap.isolated",
];

/** Replaces everything. Throws without having changed anything, unless a live change fails halfway. */
export async function updateInstance(daemon: Daemon, instance: InstanceRecord, change: InstanceChange): Promise<void> {
  const { world } = daemon;
  let lock: Disposable;
  try {
    lock = daemon.locks.acquire(keyOf(instance.project, instance.name), "update");
  } catch (error) {
    throw within("Failed to create instance update operation", error);
  }
  using _lock = lock;
  const next: InstanceRecord = {
    ...instance,
    description: change.description,
    devices: change.devices,
    ephemeral: change.ephemeral,
    profiles: change.profiles,
    architecture: change.architecture === "" ? instance.architecture : architectureOf(world, change.architecture),
    config: change.config,
  };
  checkChange(world, next, change.replaces ? instance.config : undefined);
  next.config = withoutEmpty(change.config);
  const changes = compareDevices(expandedDevices(world, instance), expandedDevices(world, next));
  const [configBefore, configAfter] = [expandedConfig(world, instance), expandedConfig(world, next)];
  const isNewToCloudInit = cloudInitView(world, instance) !== cloudInitView(world, next);
  const isIdMapChanged = idMapKeys.some((key) => configBefore[key] !== configAfter[key]);
  if (isIdMapChanged) inContext("Failed to get ID map", () => checkRawIdMap(world, next));
  // liblxc loads raw.lxc again only when some configuration has changed.
  if (!sameConfig(configBefore, configAfter)) lxcConfigOf(world, next);
  const { description, architecture, config, devices, ephemeral, profiles } = instance;
  Object.assign(instance, {
    description: next.description,
    architecture: next.architecture,
    config: next.config,
    devices: next.devices,
    ephemeral: next.ephemeral,
    profiles: next.profiles,
  });
  if (isIdMapChanged) refreshIdMap(world, instance);
  if (isNewToCloudInit) renewCloudInitId(world, instance);
  try {
    await changeDevices(daemon, instance, changes, changes.before);
  } catch (error) {
    const kept = keptNicVolatile(config, instance.config, changes);
    Object.assign(instance, { description, architecture, config: kept, devices, ephemeral, profiles });
    throw error;
  }
  daemon.events.lifecycle(instance.project, { action: "instance-updated", source: instanceUrl(instance) });
}

/** What an instance looks like before one of its profiles changes. */
export interface BeforeProfile {
  devices: Devices;
  cloudInit: string;
}

export function beforeProfile(world: World, instance: InstanceRecord): BeforeProfile {
  return { devices: expandedDevices(world, instance), cloudInit: cloudInitView(world, instance) };
}

/** A profile of the instance has changed: the same checks and live changes, its own values as they are. */
export async function reapplyProfiles(daemon: Daemon, instance: InstanceRecord, before: BeforeProfile): Promise<void> {
  const { world } = daemon;
  inContext("Failed to get ID map", () => checkRawIdMap(world, instance));
  lxcConfigOf(world, instance);
  const after = expandedDevices(world, instance);
  // one without any device at all is fine
  if (Object.keys(after).length > 0) checkRootPool(instance, after);
  if (before.cloudInit !== cloudInitView(world, instance)) renewCloudInitId(world, instance);
  await changeDevices(daemon, instance, compareDevices(before.devices, after), after);
  daemon.events.lifecycle(instance.project, { action: "instance-updated", source: instanceUrl(instance) });
}
