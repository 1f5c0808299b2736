/**
 * Profiles in order, then the instance's own: later values win, a device is replaced as a whole. What comes out is kept for as long as
 * everything that it was made of stays, and belongs to all who ask: nobody changes it.
 */
import { sorted, sortedDevices } from "../etag.ts";
import type { Config, Devices, ProfileRecord } from "../records.ts";
import type { World } from "../world.ts";

export interface Expandable {
  project: string;
  profiles: readonly string[];
  config: Readonly<Config>;
  devices: Devices;
}

function profilesOf(world: World, object: Expandable): ProfileRecord[] {
  return object.profiles.flatMap((name) => world.profile(object.project, name) ?? []);
}

/** What was made of `own` and of `parts` is made anew when one of these is another object. */
export class Kept<Own extends object, Result> {
  readonly #kept = new WeakMap<Own, { readonly parts: readonly unknown[]; readonly result: Result }>();

  get(own: Own, parts: readonly unknown[], make: () => Result): Result {
    const kept = this.#kept.get(own);
    if (kept !== undefined && isSame(kept.parts, parts)) return kept.result;
    const result = make();
    this.#kept.set(own, { parts, result });
    return result;
  }
}

function isSame(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((part, index) => part === after[index]);
}

const configs = new Kept<Readonly<Config>, Config>();
const devices = new Kept<Devices, Devices>();

export function expandedConfig(world: World, object: Expandable): Readonly<Config> {
  const parts = profilesOf(world, object).map((profile) => profile.config);
  return configs.get(object.config, parts, () => sorted(Object.assign({}, ...parts, object.config) as Config));
}

export function expandedDevices(world: World, object: Expandable): Devices {
  const parts = profilesOf(world, object).map((profile) => profile.devices);
  return devices.get(object.devices, parts, () =>
    sortedDevices(Object.assign({}, ...parts, object.devices) as Devices),
  );
}

const nics = new Kept<Devices, readonly (readonly [name: string, device: Devices[string]])[]>();

/** The nics of expanded devices. */
export function nicsAmong(expanded: Devices): readonly (readonly [name: string, device: Devices[string]])[] {
  return nics.get(expanded, [], () => Object.entries(expanded).filter(([, device]) => device["type"] === "nic"));
}
