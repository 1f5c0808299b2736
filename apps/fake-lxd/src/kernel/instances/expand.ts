/** Profiles in order, then the instance's own: later values win, a device is replaced as a whole. */
import { sorted, sortedDevices } from "../etag.ts";
import type { Config, Devices, ProfileRecord } from "../records.ts";
import type { World } from "../world.ts";

export interface Expandable {
  project: string;
  profiles: readonly string[];
  config: Config;
  devices: Devices;
}

function profilesOf(world: World, object: Expandable): ProfileRecord[] {
  return object.profiles.flatMap((name) => world.profile(object.project, name) ?? []);
}

export function expandedConfig(world: World, object: Expandable): Config {
  const merged = Object.assign(
    {},
    ...profilesOf(world, object).map((profile) => profile.config),
    object.config,
  ) as Config;
  return sorted(merged);
}

export function expandedDevices(world: World, object: Expandable): Devices {
  const all = profilesOf(world, object).map((profile) => profile.devices);
  return sortedDevices(Object.assign({}, ...all, object.devices) as Devices);
}
