import type { Daemon } from "../daemon.ts";
import { conflict, failure } from "../errors.ts";
import { LogStore } from "../logs.ts";
import type { InstanceRecord } from "../records.ts";
import { keyOf } from "../world.ts";
import { checkInstanceName } from "./names.ts";
import { setConfig } from "./own-config.ts";
import { instanceUrl } from "./view.ts";
import { renewCloudInitId } from "./volatile.ts";

/** Before the operation. A missing name reads as the same name, and that is in use. */
export function checkNewName(daemon: Daemon, instance: InstanceRecord, name: string): void {
  const wanted = name === "" ? instance.name : name;
  checkInstanceName(wanted);
  if (daemon.world.instances.has(keyOf(instance.project, wanted))) {
    throw conflict(`Name ${JSON.stringify(wanted)} already in use`);
  }
}

export function renameInstance(daemon: Daemon, instance: InstanceRecord, name: string): void {
  const { world } = daemon;
  if (instance.machine !== null) throw failure("Renaming of running container not allowed");
  const old = instance.name;
  world.instances.delete(keyOf(instance.project, old));
  instance.name = name;
  setConfig(instance, { "volatile.apply_template": instance.config["volatile.apply_template"] ?? "rename" });
  renewCloudInitId(world, instance);
  world.instances.set(keyOf(instance.project, name), instance);
  world.logs.renameDirectory(LogStore.directoryOf(instance.project, old), LogStore.directoryOf(instance.project, name));
  daemon.events.lifecycle(instance.project, {
    action: "instance-renamed",
    source: instanceUrl(instance),
    context: { old_name: old },
  });
}
