/**
 * Profiles in order, then the instance's own: later values win, a device is replaced as a whole. What comes out is kept for as long as
 * everything that it was made of stays, and belongs to all who ask: nobody changes it.
 */
import { inOrder, sortedDevices } from "../etag.ts";
import type { Config, Devices, ProfileRecord } from "../records.ts";
import type { World } from "../world.ts";

export interface Expandable {
  project: string;
  profiles: readonly string[];
  config: Readonly<Config>;
  devices: Devices;
}

/** One thing of each of the object's profiles. */
function ofProfiles<K extends "config" | "devices">(world: World, object: Expandable, what: K): ProfileRecord[K][] {
  const parts: ProfileRecord[K][] = [];
  for (const name of object.profiles) {
    const profile = world.profile(object.project, name);
    if (profile !== undefined) parts.push(profile[what]);
  }
  return parts;
}

/** What was made of `own` and of `parts` is made anew when one of these is another object. */
export class Kept<Own extends object, Result> {
  readonly #kept = new WeakMap<Own, { readonly parts: readonly unknown[]; readonly result: Result }>();

  /** Whatever it was made of besides. */
  find(own: Own): { readonly parts: readonly unknown[]; readonly result: Result } | undefined {
    return this.#kept.get(own);
  }

  get(own: Own, parts: readonly unknown[], make: () => Result): Result {
    const kept = this.#kept.get(own);
    if (kept !== undefined && isSame(kept.parts, parts)) return kept.result;
    const result = make();
    this.#kept.set(own, { parts, result });
    return result;
  }
}

function isSame(before: readonly unknown[], after: readonly unknown[]): boolean {
  if (before.length !== after.length) return false;
  for (let index = 0; index < before.length; index++) if (before[index] !== after[index]) return false;
  return true;
}

const NOTHING: readonly unknown[] = [];
const configs = new Kept<Readonly<Config>, Config>();
const sortedConfigs = new Kept<Readonly<Config>, Config>();
const devices = new Kept<Devices, Devices>();

function isEmpty(config: Readonly<Config>): boolean {
  for (const _ in config) return false;
  return true;
}

/** As it is shown. */
export function sortedConfig(config: Readonly<Config>): Config {
  return sortedConfigs.get(config, NOTHING, () => inOrder(config));
}

/** In no order: to look up keys. */
export function expandedConfig(world: World, object: Expandable): Readonly<Config> {
  const parts = ofProfiles(world, object, "config");
  if (parts.every(isEmpty)) return object.config;
  return configs.get(object.config, parts, () => Object.assign({}, ...parts, object.config) as Config);
}

/** Asked for by every look at every instance. */
export function expandedDevices(world: World, object: Expandable): Devices {
  const kept = devices.find(object.devices);
  if (kept !== undefined && areOfProfiles(world, object, kept.parts)) return kept.result;
  const parts = ofProfiles(world, object, "devices");
  return devices.get(object.devices, parts, () =>
    sortedDevices(Object.assign({}, ...parts, object.devices) as Devices),
  );
}

/** Whether these are the devices of its profiles. */
function areOfProfiles(world: World, object: Expandable, parts: readonly unknown[]): boolean {
  let count = 0;
  for (const name of object.profiles) {
    const profile = world.profile(object.project, name);
    if (profile === undefined) continue;
    if (profile.devices !== parts[count]) return false;
    count += 1;
  }
  return count === parts.length;
}

type Nics = readonly (readonly [name: string, device: Devices[string]])[];
const nics = new WeakMap<Devices, Nics>();

/** The nics of expanded devices. */
export function nicsAmong(expanded: Devices): Nics {
  const known = nics.get(expanded);
  if (known !== undefined) return known;
  const found = Object.entries(expanded).filter(([, device]) => device["type"] === "nic");
  nics.set(expanded, found);
  return found;
}
