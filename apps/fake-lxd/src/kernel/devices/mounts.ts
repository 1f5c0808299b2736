/** Disk devices as mounts, and LXC mount entries as what the guest kernel takes. */
import { existsSync, statSync } from "node:fs";
import { posix } from "node:path";
import type { GuestMount } from "../../guest/types.ts";
import { isTrue } from "../config/validators.ts";
import { hostMountSources } from "../raw-lxc/base.ts";
import type { MountEntry } from "../raw-lxc/mount-entry.ts";
import type { Devices, InstanceRecord } from "../records.ts";
import { keyOf, type World } from "../world.ts";

export interface DiskMount {
  /** What lxc.conf says: LXD binds the source below its own directory first. */
  entry: MountEntry;
  /** The source on the host. */
  source: string;
  /** LXD shifts the files of a custom volume to the ids of the container that uses it. */
  shifted: boolean;
}

function sourceOf(world: World, project: string, device: Record<string, string>): string {
  const { pool, source = "" } = device;
  if (!pool) return source;
  return world.volumes.get(`${pool}/${keyOf(world.owner(project, "storage.volumes"), source)}`)?.hostPath ?? source;
}

/** Undefined: the device has no source on this host and need not have one. */
export function diskMount(
  world: World,
  instance: InstanceRecord,
  name: string,
  device: Record<string, string>,
): DiskMount | undefined {
  const source = sourceOf(world, instance.project, device);
  if (!existsSync(source)) return undefined;
  const { path = "" } = device;
  const flat = path.replace(/^\//, "").replaceAll("/", "-");
  const options = [
    isTrue(device["recursive"]) ? "rbind" : "bind",
    ...(isTrue(device["readonly"]) ? ["ro"] : []),
    `create=${statSync(source).isDirectory() ? "dir" : "file"}`,
    ...(isTrue(device["shift"]) ? ["idmap=container"] : []),
  ];
  return {
    source,
    shifted: Boolean(device["pool"]),
    entry: {
      source: `${world.directory}/devices/${instance.name}/disk.${name}.${flat}`,
      target: posix.normalize(`/${path}`),
      fsType: "none",
      options,
    },
  };
}

export function diskMounts(world: World, instance: InstanceRecord, devices: Devices): DiskMount[] {
  return Object.entries(devices)
    .filter(([, device]) => device["type"] === "disk" && device["path"] !== "/" && device["path"])
    .toSorted(([, a], [, b]) => ((a["path"] ?? "") < (b["path"] ?? "") ? -1 : 1))
    .flatMap(([name, device]) => diskMount(world, instance, name, device) ?? []);
}

const guestTypes: Readonly<Record<string, GuestMount["type"]>> = {
  tmpfs: "tmpfs",
  proc: "guest-proc",
  sysfs: "guest-sys",
  mqueue: "mqueue",
};

function toGuestMount(entry: MountEntry, source: string, shifted: boolean): GuestMount {
  const has = (option: string) => entry.options.includes(option);
  const create = entry.options.find((option) => option.startsWith("create="))?.slice("create=".length);
  return {
    type: guestTypes[entry.fsType] ?? "bind",
    source,
    target: entry.target,
    readonly: has("ro"),
    recursive: has("rbind"),
    ...((create === "dir" || create === "file") && { create }),
    optional: has("optional"),
    idmapped: shifted || entry.options.some((option) => option.startsWith("idmap=")),
    options: entry.options,
  };
}

export function diskGuestMount({ entry, source, shifted }: DiskMount): GuestMount {
  return toGuestMount(entry, source, shifted);
}

/** Every mount entry in effect, LXD's own host facilities left out. */
export function guestMounts(world: World, entries: readonly MountEntry[], disks: readonly DiskMount[]): GuestMount[] {
  const bySource = new Map(disks.map((disk) => [disk.entry.source, disk]));
  return entries
    .filter((entry) => !hostMountSources.has(entry.source) && entry.source !== `${world.directory}/devlxd`)
    .map((entry) => {
      const disk = bySource.get(entry.source);
      return toGuestMount(entry, disk?.source ?? entry.source, disk?.shifted ?? false);
    });
}
