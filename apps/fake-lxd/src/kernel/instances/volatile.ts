/** The `volatile.*` keys that LXD itself keeps in an instance's configuration. */
import { idmap } from "../../limits.ts";
import { randomHex, randomUuid } from "../../platform/seeded.ts";
import type { Random } from "../../platform/types.ts";
import { isTrue } from "../config/validators.ts";
import { failure } from "../errors.ts";
import type { Config, Devices, InstanceRecord } from "../records.ts";
import type { World } from "../world.ts";
import { expandedConfig, expandedDevices, nicsAmong } from "./expand.ts";
import { dropConfig, setConfig } from "./own-config.ts";

export interface IdMap {
  readonly base: number;
  readonly size: number;
}

/** Where the ids of a container with a map of its own go: the first gap behind the map that the others share. */
function freeBase(world: World, own: InstanceRecord, size: number): number {
  const taken = world
    .instancesOf(undefined)
    .filter((other) => other !== own && isTrue(expandedConfig(world, other)["security.idmap.isolated"]))
    .flatMap((other) => parseIdMap(other.config["volatile.idmap.next"]) ?? [])
    .toSorted((a, b) => a.base - b.base);
  let base = idmap.base + idmap.isolatedSize;
  for (const map of taken) {
    if (map.base < base + size && base < map.base + map.size) base = map.base + map.size;
  }
  return base;
}

/** Undefined for a privileged container: its ids are the host's. All others share one map unless they are isolated. */
function idMapFor(world: World, instance: InstanceRecord): IdMap | undefined {
  const config = expandedConfig(world, instance);
  if (isTrue(config["security.privileged"])) return undefined;
  if (!isTrue(config["security.idmap.isolated"])) return { base: idmap.base, size: idmap.size };
  const size = Number(config["security.idmap.size"] || idmap.isolatedSize);
  const base = config["security.idmap.base"];
  return { base: base ? Number(base) : freeBase(world, instance, size), size };
}

/** LXD's JSON of it. */
function idMapText(map: IdMap | undefined): string {
  if (map === undefined) return "[]";
  const entry = (isUid: boolean) => ({ Isuid: isUid, Isgid: !isUid, Hostid: map.base, Nsid: 0, Maprange: map.size });
  return JSON.stringify([entry(true), entry(false)]);
}

/** The map in LXD's JSON; undefined when it is empty: privileged. */
export function parseIdMap(text: string | undefined): IdMap | undefined {
  if (text === lastMap.text) return lastMap.map;
  const [first] = JSON.parse(text || "[]") as { Hostid: number; Maprange: number }[];
  lastMap = { text, map: first && { base: first.Hostid, size: first.Maprange } };
  return lastMap.map;
}

/** Most instances have the same one. */
let lastMap: { readonly text: string | undefined; readonly map: IdMap | undefined } = {
  text: undefined,
  map: undefined,
};

function randomHwaddr(random: Random): string {
  return `00:16:3e:${randomHex(random, 6).replaceAll(/(..)(?=.)/g, "$1:")}`;
}

/** Hardware address and inner name, if the device is a nic that has none yet. */
export function fillNicVolatile(world: World, instance: InstanceRecord, name: string): void {
  const devices = expandedDevices(world, instance);
  const device = devices[name] ?? {};
  if (device["type"] !== "nic") return;
  const { config } = instance;
  const [hwaddr, inner] = [`volatile.${name}.hwaddr`, `volatile.${name}.name`];
  setConfig(instance, {
    [hwaddr]: device["hwaddr"] ? undefined : (config[hwaddr] ?? randomHwaddr(world.random)),
    [inner]: device["name"] ? undefined : (config[inner] ?? freeInterfaceName(instance, devices)),
  });
}

function freeInterfaceName({ config }: InstanceRecord, devices: Devices): string {
  const taken = new Set(nicsAmong(devices).map(([name, device]) => device["name"] || config[`volatile.${name}.name`]));
  let index = 0;
  while (taken.has(`eth${index}`)) index += 1;
  return `eth${index}`;
}

const cloudInitKeys = ["cloud-init", "user"].flatMap((owner) =>
  ["user-data", "vendor-data", "network-config"].map((kind) => `${owner}.${kind}`),
);

/** What cloud-init sees of an instance, as text: when it changes the instance is a new one to it. */
export function cloudInitView(world: World, instance: InstanceRecord): string {
  const config = expandedConfig(world, instance);
  const nics = nicsAmong(expandedDevices(world, instance)).map(([name, device]) => [name, device["name"] ?? ""]);
  return JSON.stringify([cloudInitKeys.map((key) => config[key]), nics]);
}

export function renewCloudInitId(world: World, instance: InstanceRecord): void {
  setConfig(instance, { "volatile.cloud-init.instance-id": randomUuid(world.random) });
}

/** Of a nic that is about to be started. */
export function giveHostName(world: World, instance: InstanceRecord, name: string, device: Devices[string]): void {
  setConfig(instance, { [`volatile.${name}.host_name`]: device["host_name"] || `veth${randomHex(world.random, 8)}` });
}

/** Keys of devices that are gone go with them. */
export function dropDeviceVolatile(instance: InstanceRecord, name: string): void {
  dropConfig(instance, (key) => key.startsWith(`volatile.${name}.`));
}

/** What a create adds. */
export function initialVolatile(world: World, instance: InstanceRecord): void {
  const { config } = instance;
  setConfig(instance, {
    "volatile.uuid": config["volatile.uuid"] || randomUuid(world.random),
    "volatile.cloud-init.instance-id": config["volatile.cloud-init.instance-id"] || randomUuid(world.random),
    "volatile.apply_template": "create",
    "volatile.last_state.idmap": "[]",
  });
  refreshIdMap(world, instance);
  for (const name of Object.keys(expandedDevices(world, instance))) fillNicVolatile(world, instance, name);
}

const idRange = /^(\d+)(?:-(\d+))?$/;

/** Throws what LXD says of `raw.idmap`. A right one changes nothing here: the maps of the fake are whole. */
export function checkRawIdMap(world: World, instance: InstanceRecord): void {
  const text = expandedConfig(world, instance)["raw.idmap"];
  if (!text) return;
  const lines = text.split("\n").filter((line) => line !== "");
  for (const line of lines) {
    const [kind = "", ...ranges] = line.split(" ");
    if (ranges.length !== 2) throw failure(`Invalid ID map line ${JSON.stringify(line)}`);
    const [host, inside] = ranges.map(rangeSize);
    if (host !== inside) throw failure(`The ID map ranges are of different sizes ${JSON.stringify(line)}`);
    if (!["both", "uid", "gid"].includes(kind)) throw failure(`Invalid ID map type ${JSON.stringify(line)}`);
  }
}

function rangeSize(range: string): number {
  const [, first, last] = idRange.exec(range) ?? [];
  if (first === undefined) throw failure(`strconv.ParseInt: parsing ${JSON.stringify(range)}: invalid syntax`);
  return last === undefined ? 1 : Number(last) - Number(first) + 1;
}

/** The map of the next start follows the configuration. */
export function refreshIdMap(world: World, instance: InstanceRecord): void {
  const map = idMapFor(world, instance);
  setConfig(instance, {
    "volatile.idmap.next": idMapText(map),
    "volatile.idmap.base": String(map === undefined || map.base === idmap.base ? 0 : map.base),
  });
}

const guarded = ["volatile.idmap.base", "volatile.idmap.current", "volatile.idmap.next", "volatile.last_state.idmap"];

/** A PUT must carry these over. */
export function checkIdMapKept(before: Readonly<Config>, after: Readonly<Config>): void {
  for (const key of guarded) {
    if (before[key] !== undefined && after[key] === undefined) {
      throw failure("Volatile idmap keys can't be deleted by the user");
    }
  }
}
