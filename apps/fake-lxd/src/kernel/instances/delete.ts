import { isTrue } from "../config/validators.ts";
import type { Daemon } from "../daemon.ts";
import { failure, within } from "../errors.ts";
import { releaseLeases } from "../networks/leases.ts";
import type { InstanceRecord } from "../records.ts";
import { keyOf } from "../world.ts";
import { expandedConfig } from "./expand.ts";
import { instanceUrl, snapshotUrl } from "./view.ts";

/** Of a stopped one. Its log directory stays: lxc.log may still be wanted. */
export function deleteInstance(daemon: Daemon, instance: InstanceRecord): void {
  checkUnprotected(daemon, instance);
  const key = keyOf(instance.project, instance.name);
  let lock: Disposable;
  try {
    lock = daemon.locks.acquire(key, "delete");
  } catch (error) {
    throw within("Failed to create instance delete operation", error);
  }
  using _lock = lock;
  removeInstance(daemon, instance);
}

function checkUnprotected(daemon: Daemon, instance: InstanceRecord): void {
  const config = expandedConfig(daemon.world, instance);
  if (isTrue(config["security.protection.delete"])) throw failure("Container is protected");
}

/** An ephemeral one goes with its end, under the lock of whoever stops it. */
export function deleteEphemeral(daemon: Daemon, instance: InstanceRecord): void {
  if (isTrue(expandedConfig(daemon.world, instance)["security.protection.delete"])) return;
  removeInstance(daemon, instance);
}

function removeInstance(daemon: Daemon, instance: InstanceRecord): void {
  const { world } = daemon;
  releaseLeases(world, instance);
  world.instances.delete(keyOf(instance.project, instance.name));
  for (const { name } of instance.snapshots) {
    const source = snapshotUrl(instance, name);
    daemon.events.lifecycle(instance.project, { action: "instance-snapshot-deleted", source });
  }
  daemon.events.lifecycle(instance.project, { action: "instance-deleted", source: instanceUrl(instance) });
}
