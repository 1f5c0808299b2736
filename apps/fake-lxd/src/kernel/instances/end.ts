/** A container's end as the daemon handles it: the stop hooks, the volatile keys, the event. */
import type { Daemon } from "../daemon.ts";
import { rootRequestor } from "../events.ts";
import type { InstanceLock } from "../locks.ts";
import type { InstanceRecord } from "../records.ts";
import { keyOf } from "../world.ts";
import { deleteEphemeral } from "./delete.ts";
import type { Machine, StopReason } from "./machine.ts";
import { dropConfig, setConfig } from "./own-config.ts";
import { instanceUrl } from "./view.ts";

/** The monitor and the proxies go; on the host nothing is left of the container. */
export async function dismantle(instance: InstanceRecord, machine: Machine): Promise<void> {
  const proxies = [...machine.proxies.values()];
  machine.proxies.clear();
  await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
  instance.machine = null;
  instance.lastConsole = machine.console?.read() ?? null;
  machine.markGone();
}

function announce(daemon: Daemon, instance: InstanceRecord, reason: StopReason | undefined): void {
  if (reason === "restart") return;
  daemon.events.lifecycle(instance.project, {
    action: reason === "forced" ? "instance-stopped" : "instance-shutdown",
    source: instanceUrl(instance),
    // An app that ended by itself has nobody who asked for it.
    requestor: reason === undefined ? undefined : rootRequestor,
  });
}

/** It is down, and LXD knows. Nics are taken down by the stop hook: without it their names stay. */
export function recordStop(instance: InstanceRecord, { settings }: Machine): void {
  setConfig(instance, { "volatile.last_state.power": "STOPPED" });
  if (settings.hasStopHook) dropConfig(instance, (key) => /^volatile\..+\.host_name$/.test(key));
}

/** Runs once per container, when its monitor calls the stop hook. */
export async function handleEnd(daemon: Daemon, instance: InstanceRecord, machine: Machine): Promise<void> {
  const key = keyOf(instance.project, instance.name);
  // A stop or restart that is under way holds the lock itself and waits for `gone`.
  const lock: InstanceLock | undefined = daemon.locks.holder(key) ? undefined : daemon.locks.acquire(key, "stop");
  await daemon.sleep(daemon.world.timing.stopHooks);
  recordStop(instance, machine);
  await daemon.guard(dismantle(instance, machine));
  announce(daemon, instance, machine.stopReason);
  lock?.[Symbol.dispose]();
  if (instance.ephemeral && machine.stopReason !== "restart") deleteEphemeral(daemon, instance);
}
