/** An instance's LXC configuration: LXD's lines from its expanded config and devices, then raw.lxc. */
import { hostMemoryBytes } from "../../platform/host-memory.ts";
import { isTrue } from "../config/validators.ts";
import { type DiskMount, diskMounts } from "../devices/mounts.ts";
import { type Nic, nicsOf } from "../devices/nics.ts";
import { failure } from "../errors.ts";
import { LogStore } from "../logs.ts";
import { baseLines, renderLines } from "../raw-lxc/base.ts";
import { loads } from "../raw-lxc/keys.ts";
import type { LxcLine } from "../raw-lxc/lines.ts";
import { loadFailure, loadLines } from "../raw-lxc/load.ts";
import { interpretLines, type LxcSettings } from "../raw-lxc/settings.ts";
import type { Config, Devices, InstanceRecord } from "../records.ts";
import type { World } from "../world.ts";
import { expandedConfig, expandedDevices } from "./expand.ts";
import { parseIdMap } from "./volatile.ts";

export interface LxcConfig {
  config: Config;
  devices: Devices;
  /** Made when it is wanted, as is the text: most changes only ask whether it loads. */
  readonly settings: LxcSettings;
  disks: DiskMount[];
  nics: Nic[];
  /** Content of lxc.conf. */
  readonly text: string;
}

export function logDirectory(world: World, instance: InstanceRecord): string {
  return `${world.directory}/logs/${LogStore.directoryOf(instance.project, instance.name)}`;
}

/** Throws `Failed to load config file ...` when liblxc refuses raw.lxc. */
export function lxcConfigOf(world: World, instance: InstanceRecord): LxcConfig {
  const config = expandedConfig(world, instance);
  const devices = expandedDevices(world, instance);
  const disks = diskMounts(world, instance, devices);
  const nics = nicsOf(instance, devices);
  const root = Object.values(devices).find((device) => device["type"] === "disk" && device["path"] === "/");
  const base = baseLines({
    name: instance.name,
    project: instance.project,
    config,
    directory: world.directory,
    logDirectory: logDirectory(world, instance),
    pool: instance.pool,
    pid: process.pid,
    idMap: parseIdMap(instance.config["volatile.idmap.next"]),
    mounts: disks.map((disk) => disk.entry),
    rootReadonly: isTrue(root?.["readonly"]),
    nics,
    hostMemoryBytes,
  });
  const bad = base.find((line) => !loads(line.key, line.value));
  if (bad !== undefined) throw failure(`Initialize LXC: Failed to set LXC config: ${bad.key}=${bad.value}`);
  const raw = config["raw.lxc"] ?? "";
  const lines = loadLines(base, raw);
  if (lines === null) throw loadFailure(world.random);
  return new LoadedConfig({ name: instance.name, base, raw, lines }, { config, devices, disks, nics });
}

interface Source {
  readonly name: string;
  readonly base: readonly LxcLine[];
  readonly raw: string;
  /** All that are in effect. */
  readonly lines: readonly LxcLine[];
}

class LoadedConfig implements LxcConfig {
  readonly config: Config;
  readonly devices: Devices;
  readonly disks: DiskMount[];
  readonly nics: Nic[];
  readonly #source: Source;
  #settings: LxcSettings | undefined;

  constructor(source: Source, { config, devices, disks, nics }: Omit<LxcConfig, "settings" | "text">) {
    this.#source = source;
    this.config = config;
    this.devices = devices;
    this.disks = disks;
    this.nics = nics;
  }

  get settings(): LxcSettings {
    return (this.#settings ??= interpretLines(this.#source.lines, this.#source.name));
  }

  get text(): string {
    return renderLines(this.#source.base, this.#source.raw);
  }
}
