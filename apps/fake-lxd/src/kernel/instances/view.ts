/** What the API shows of instances, keys in the order of LXD 5.0. */
import type { Instance, InstanceFull, InstanceSnapshot, InstanceState } from "@lxe/lxd-client";
import type { GuestInterfaceState } from "../../guest/types.ts";
import { etagOf, sorted, sortedDevices } from "../etag.ts";
import type { Config, Devices, InstanceRecord, SnapshotRecord } from "../records.ts";
import { epochTime, formatTime, zeroTime } from "../time.ts";
import { urlOf, type World } from "../world.ts";
import { expandedConfig, expandedDevices, Kept, sortedConfig } from "./expand.ts";
import { statusOf } from "./status.ts";

/** Made once of each state, and part of every answer as long as it lasts. */
const devices = new Kept<Devices, Devices>();

const ownDevices = (instance: InstanceRecord): Devices =>
  devices.get(instance.devices, [], () => sortedDevices(instance.devices));

/** Its configuration in no order: to sort that takes long, and only a text needs it. */
export function renderInstance(world: World, instance: InstanceRecord): Instance {
  return {
    architecture: instance.architecture,
    config: instance.config,
    devices: ownDevices(instance),
    ephemeral: instance.ephemeral,
    profiles: instance.profiles,
    stateful: false,
    description: instance.description,
    created_at: formatTime(instance.createdAtMs),
    expanded_config: expandedConfig(world, instance),
    expanded_devices: expandedDevices(world, instance),
    name: instance.name,
    ...statusOf(world, instance),
    last_used_at: instance.lastUsedAtMs === 0 ? epochTime : formatTime(instance.lastUsedAtMs),
    location: "none",
    type: "container",
    project: instance.project,
  };
}

/** Of what `renderInstance` or `renderFull` made: as a text has it. */
export function inShownOrder<T extends Instance>(view: T): T {
  return { ...view, config: sortedConfig(view.config), expanded_config: sortedConfig(view.expanded_config) };
}

/** That of now, made when it is wanted. It covers whole profiles, so that an edit of one changes it. */
export function instanceEtag(world: World, instance: InstanceRecord): () => string {
  const { architecture, ephemeral, config } = instance;
  const devices = ownDevices(instance);
  const profiles = instance.profiles.map((name) => ({ ...world.profile(instance.project, name) }));
  return () => etagOf([architecture, sortedConfig(config), devices, ephemeral, profiles]);
}

/** LXD looks for the host's side under the inner name: a nic that is called otherwise seems to have none. */
function renderInterface(state: GuestInterfaceState, config: Config): NonNullable<InstanceState["network"]>[string] {
  return {
    addresses: state.addresses.map((address) => ({
      family: address.family,
      address: address.address,
      netmask: String(address.prefix),
      scope: address.scope,
    })),
    counters: {
      bytes_received: state.bytesReceived,
      bytes_sent: state.bytesSent,
      packets_received: state.packetsReceived,
      packets_sent: state.packetsSent,
      errors_received: 0,
      errors_sent: 0,
      packets_dropped_outbound: 0,
      packets_dropped_inbound: 0,
    },
    hwaddr: state.hwaddr,
    host_name: config[`volatile.${state.name}.host_name`] ?? "",
    mtu: state.mtu,
    state: state.up ? "up" : "down",
    type: state.type,
  };
}

export function renderState(world: World, instance: InstanceRecord): InstanceState {
  const { machine } = instance;
  const isUp = machine !== null && machine.phase !== "stopping";
  const usage = isUp ? machine.guest.usage() : { memoryBytes: 0, memoryPeakBytes: 0, cpuNs: 0 };
  const interfaces = isUp ? machine.guest.networkState() : [];
  return {
    ...statusOf(world, instance),
    disk: {},
    memory: { usage: usage.memoryBytes, usage_peak: usage.memoryPeakBytes, swap_usage: 0, swap_usage_peak: 0 },
    network: isUp
      ? sorted(Object.fromEntries(interfaces.map((one) => [one.name, renderInterface(one, instance.config)])))
      : null,
    pid: isUp ? machine.guest.pid : 0,
    processes: isUp ? machine.guest.processes().length : 0,
    cpu: { usage: usage.cpuNs },
  };
}

export function renderSnapshot(world: World, instance: InstanceRecord, snapshot: SnapshotRecord): InstanceSnapshot {
  // LXD keeps no profiles of snapshots: they have those of the instance
  const expandable = { ...snapshot, project: instance.project, profiles: instance.profiles };
  return {
    expires_at: snapshot.expiresAt,
    architecture: instance.architecture,
    config: sorted(snapshot.config),
    created_at: formatTime(snapshot.createdAtMs),
    devices: sortedDevices(snapshot.devices),
    ephemeral: false,
    expanded_config: sortedConfig(expandedConfig(world, expandable)),
    expanded_devices: expandedDevices(world, expandable),
    last_used_at: zeroTime,
    name: snapshot.name,
    profiles: instance.profiles,
    stateful: false,
    size: -1,
  };
}

export function renderFull(world: World, instance: InstanceRecord): InstanceFull {
  const snapshots = instance.snapshots.map((snapshot) => renderSnapshot(world, instance, snapshot));
  return {
    ...renderInstance(world, instance),
    backups: null,
    state: renderState(world, instance),
    snapshots: snapshots.length === 0 ? null : snapshots,
  };
}

/** `resources` of an operation: both the new and the old kind. */
export function instanceResources(...names: string[]): Record<string, string[]> {
  return {
    containers: names.map((name) => `/1.0/containers/${name}`),
    instances: names.map((name) => `/1.0/instances/${name}`),
  };
}

export function snapshotUrl(instance: { name: string; project: string }, snapshot: string): string {
  const [path = "", query] = instanceUrl(instance).split("?");
  return `${path}/snapshots/${encodeURIComponent(snapshot)}${query === undefined ? "" : `?${query}`}`;
}

export function instanceUrl(instance: { name: string; project: string }): string {
  return urlOf("instances", instance.name, instance.project);
}
