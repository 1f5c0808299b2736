/** Profiles and their users. */
import type { Profile } from "@lxe/lxd-client";
import { asBadRequest, checkConfig } from "../config/check-config.ts";
import type { Daemon } from "../daemon.ts";
import { checkDevices } from "../devices/check-devices.ts";
import { badRequest, failure, forbidden, notFound, within } from "../errors.ts";
import { sorted, sortedDevices } from "../etag.ts";
import { rootRequestor } from "../events.ts";
import { withoutEmpty } from "../instances/create.ts";
import { beforeProfile, reapplyProfiles } from "../instances/update.ts";
import type { Config, Devices, InstanceRecord, ProfileRecord } from "../records.ts";
import { keyOf, urlOf, type World } from "../world.ts";

export interface ProfileInput {
  name: string;
  description: string;
  config: Config;
  devices: Devices;
}

export function profilesOf(world: World, project: string): ProfileRecord[] {
  const owner = world.owner(project, "profiles");
  return [...world.profiles.values()]
    .filter((profile) => profile.project === owner)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** `context` is what LXD puts before its "Profile not found". */
export function findProfile(world: World, project: string, name: string, context?: string): ProfileRecord {
  const profile = world.profile(project, name);
  if (profile !== undefined) return profile;
  const missing = notFound("Profile not found");
  throw context === undefined ? missing : within(context, missing);
}

function usersOf(world: World, profile: ProfileRecord): InstanceRecord[] {
  return world
    .instancesOf(undefined)
    .filter(
      (instance) =>
        instance.profiles.includes(profile.name) && world.owner(instance.project, "profiles") === profile.project,
    );
}

export function renderProfile(world: World, profile: ProfileRecord): Profile {
  return {
    config: sorted(profile.config),
    description: profile.description,
    devices: sortedDevices(profile.devices),
    name: profile.name,
    used_by: usersOf(world, profile).map((instance) => urlOf("instances", instance.name, instance.project)),
  };
}

export function profileEtag(profile: ProfileRecord): unknown {
  return [sorted(profile.config), profile.description, sortedDevices(profile.devices)];
}

function announce(daemon: Daemon, profile: ProfileRecord, action: string, context?: Record<string, unknown>): void {
  // LXD 5.0 escapes twice here
  const source = urlOf("profiles", encodeURIComponent(profile.name), profile.project);
  daemon.events.lifecycle(profile.project, { action, source, context, requestor: rootRequestor });
}

function checkName(name: string): void {
  if (name === "") throw badRequest("No name provided");
  if (name.includes("/")) throw badRequest("Profile names may not contain slashes");
  if (name === "." || name === "..") throw badRequest(`Invalid profile name ${JSON.stringify(name)}`);
}

export function createProfile(daemon: Daemon, project: string, input: ProfileInput): ProfileRecord {
  const { world } = daemon;
  checkName(input.name);
  const owner = world.owner(project, "profiles");
  try {
    checkConfig(input.config, true);
    checkDevices(input.devices, { world, project });
  } catch (error) {
    asBadRequest(error);
  }
  if (world.profiles.has(keyOf(owner, input.name))) {
    throw failure(`Error inserting ${JSON.stringify(input.name)} into database: The profile already exists`);
  }
  const profile: ProfileRecord = { ...input, config: withoutEmpty(input.config), project: owner };
  world.profiles.set(keyOf(owner, input.name), profile);
  announce(daemon, profile, "profile-created");
  return profile;
}

const rootOf = (devices: Devices) =>
  Object.values(devices).find((device) => device["type"] === "disk" && device["path"] === "/");

const hasRoot = (devices: Devices) => rootOf(devices) !== undefined;

/** The root disk of a user can neither go nor move to another pool. */
function checkRootKept(world: World, profile: ProfileRecord, next: Devices, users: readonly InstanceRecord[]): void {
  const root = rootOf(profile.devices);
  if (root === undefined || root["pool"] === rootOf(next)?.["pool"]) return;
  const relies = (instance: InstanceRecord) =>
    !hasRoot(instance.devices) &&
    !instance.profiles.some(
      (name) => name !== profile.name && hasRoot(world.profile(instance.project, name)?.devices ?? {}),
    );
  if (users.some(relies)) throw failure("At least one instance relies on this profile's root disk device");
}

/** Saved even when some of its users refuse the change. */
export async function updateProfile(
  daemon: Daemon,
  profile: ProfileRecord,
  change: Omit<ProfileInput, "name">,
): Promise<void> {
  const { world } = daemon;
  // LXD 5.0 tells of a change also when it refuses it
  announce(daemon, profile, "profile-updated");
  checkConfig(change.config, true);
  checkDevices(change.devices, { world, project: profile.project });
  const users = usersOf(world, profile);
  checkRootKept(world, profile, change.devices, users);
  const before = users.map((instance) => beforeProfile(world, instance));
  profile.description = change.description;
  profile.config = withoutEmpty(change.config);
  profile.devices = change.devices;
  const failures: string[] = [];
  for (const [index, instance] of users.entries()) {
    try {
      await reapplyProfiles(daemon, instance, before[index] ?? beforeProfile(world, instance));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(` - Project: ${instance.project}, Instance: ${instance.name}: ${reason}\n`);
    }
  }
  if (failures.length > 0) {
    throw failure(`The following instances failed to update (profile change still saved):\n${failures.join("")}`);
  }
}

export function renameProfile(daemon: Daemon, project: string, name: string, newName: string): ProfileRecord {
  const { world } = daemon;
  if (name === "default") throw forbidden('The "default" profile cannot be renamed');
  checkName(newName);
  const owner = world.owner(project, "profiles");
  if (world.profiles.has(keyOf(owner, newName))) throw failure(`Name ${JSON.stringify(newName)} already in use`);
  const profile = world.profile(project, name);
  if (profile === undefined) throw failure("Query affected 0 rows instead of 1");
  for (const user of usersOf(world, profile)) {
    user.profiles = user.profiles.map((one) => (one === name ? newName : one));
  }
  world.profiles.delete(keyOf(owner, name));
  profile.name = newName;
  world.profiles.set(keyOf(owner, newName), profile);
  announce(daemon, profile, "profile-renamed", { old_name: name });
  return profile;
}

export function deleteProfile(daemon: Daemon, project: string, name: string): void {
  const { world } = daemon;
  if (name === "default") throw forbidden('The "default" profile cannot be deleted');
  const profile = findProfile(world, project, name);
  if (usersOf(world, profile).length > 0) throw failure("Profile is currently in use");
  world.profiles.delete(keyOf(profile.project, name));
  announce(daemon, profile, "profile-deleted");
}
