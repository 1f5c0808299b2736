/** Snapshots of instances: copies of configuration and files. */
import type { Daemon } from "../daemon.ts";
import { rootRequestor } from "../events.ts";
import { failure, notFound, within } from "../errors.ts";
import type { InstanceRecord, SnapshotRecord } from "../records.ts";
import { randomUuid } from "../../platform/seeded.ts";
import { zeroTime } from "../time.ts";
import { expandedConfig } from "./expand.ts";
import { startInstance } from "./start.ts";
import { takeDown } from "./stop.ts";
import { instanceUrl, snapshotUrl } from "./view.ts";
import { cloudInitView, renewCloudInitId } from "./volatile.ts";

export function findSnapshot(instance: InstanceRecord, name: string): SnapshotRecord {
  const snapshot = instance.snapshots.find((one) => one.name === name);
  if (snapshot !== undefined) return snapshot;
  throw within(
    `Failed to fetch snapshot "${name}" of instance "${instance.name}" in project "${instance.project}"`,
    notFound("InstanceSnapshot not found"),
  );
}

/** `snap0`, `snap1`, ... unless `snapshots.pattern` says otherwise. */
export function nextSnapshotName(daemon: Daemon, instance: InstanceRecord): string {
  const pattern = expandedConfig(daemon.world, instance)["snapshots.pattern"] || "snap%d";
  for (let number = 0; ; number++) {
    const name = pattern.includes("%d") ? pattern.replace("%d", String(number)) : `${pattern}-${number}`;
    if (!instance.snapshots.some((one) => one.name === name)) return name;
  }
}

export function createSnapshot(daemon: Daemon, instance: InstanceRecord, name: string, expiresAt: string): void {
  if (instance.snapshots.some((one) => one.name === name)) {
    throw failure(
      `Failed creating instance snapshot record "${name}": Add snapshot info to the database: This "instances_snapshots" entry already exists`,
    );
  }
  pauseFor(daemon, instance);
  instance.snapshots.push({
    name,
    createdAtMs: daemon.world.clock.now(),
    expiresAt: expiresAt || zeroTime,
    config: { "volatile.uuid": randomUuid(daemon.world.random), ...instance.config },
    devices: structuredClone(instance.devices),
    profiles: [...instance.profiles],
    architecture: instance.architecture,
    ephemeral: instance.ephemeral,
    rootfs: instance.rootfs?.clone() ?? null,
  });
  announce(daemon, instance, name, "created");
}

/** LXD freezes what runs while it copies. */
function pauseFor(daemon: Daemon, instance: InstanceRecord): void {
  if (instance.machine?.phase !== "running") return;
  for (const action of ["instance-paused", "instance-resumed"])
    daemon.events.lifecycle(instance.project, { action, source: instanceUrl(instance), requestor: rootRequestor });
}

export function setSnapshotExpiry(daemon: Daemon, instance: InstanceRecord, name: string, expiresAt: string): void {
  findSnapshot(instance, name).expiresAt = expiresAt || zeroTime;
  announce(daemon, instance, name, "updated");
}

export function deleteSnapshot(daemon: Daemon, instance: InstanceRecord, name: string): void {
  const snapshot = findSnapshot(instance, name);
  instance.snapshots = instance.snapshots.filter((one) => one !== snapshot);
  announce(daemon, instance, name, "deleted");
}

export function renameSnapshot(daemon: Daemon, instance: InstanceRecord, name: string, newName: string): void {
  const snapshot = findSnapshot(instance, name);
  if (instance.snapshots.some((one) => one.name === newName)) {
    throw failure(`Name '${instance.name}/${newName}' already in use`);
  }
  snapshot.name = newName;
  announce(daemon, instance, newName, "renamed", { old_name: `${instance.name}/${name}` });
}

/** One that runs is stopped before and started after it. */
export async function restoreSnapshot(daemon: Daemon, instance: InstanceRecord, name: string): Promise<void> {
  const snapshot = instance.snapshots.find((one) => one.name === name);
  if (snapshot === undefined) throw failure(`Snapshot ${instance.name}/${name} does not exist`);
  const wasRunning = instance.machine !== null;
  if (wasRunning) await takeDown(daemon, instance);
  const cloudInitBefore = cloudInitView(daemon.world, instance);
  instance.rootfs = snapshot.rootfs?.clone() ?? null;
  instance.config = { ...snapshot.config };
  instance.devices = structuredClone(snapshot.devices);
  instance.profiles = [...snapshot.profiles];
  if (cloudInitView(daemon.world, instance) !== cloudInitBefore) renewCloudInitId(daemon.world, instance);
  daemon.events.lifecycle(instance.project, {
    action: "instance-restored",
    source: instanceUrl(instance),
    context: { snapshot: `${instance.name}/${name}` },
  });
  if (wasRunning) await startInstance(daemon, instance, { stateful: false });
}

function announce(
  daemon: Daemon,
  instance: InstanceRecord,
  name: string,
  what: string,
  context?: Readonly<Record<string, string>>,
): void {
  const source = snapshotUrl(instance, name);
  daemon.events.lifecycle(instance.project, {
    action: `instance-snapshot-${what}`,
    source,
    ...(context === undefined ? {} : { context }),
  });
}
