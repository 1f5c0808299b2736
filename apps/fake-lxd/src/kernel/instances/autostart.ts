/** What a daemon does with instances when it comes up: it takes over what runs, and starts what should run. */
import { isTrue } from "../config/validators.ts";
import type { Daemon } from "../daemon.ts";
import type { InstanceRecord } from "../records.ts";
import { dismantle } from "./end.ts";
import { expandedConfig } from "./expand.ts";
import { startInstance, watchEnd } from "./start.ts";

/** boot.autostart says so, or says nothing and it ran before: also one that ended while no daemon was there to see it. */
function shouldStart(daemon: Daemon, instance: InstanceRecord): boolean {
  if (instance.machine !== null) return false;
  const wish = expandedConfig(daemon.world, instance)["boot.autostart"];
  return wish === undefined || wish === "" ? instance.config["volatile.last_state.power"] === "RUNNING" : isTrue(wish);
}

async function adopt(daemon: Daemon, instance: InstanceRecord): Promise<void> {
  instance.isStarting = false;
  const { machine } = instance;
  if (machine === null) return;
  // `volatile.last_state.power` stays RUNNING here: nobody was told.
  if (!machine.guest.running) await dismantle(instance, machine);
  else watchEnd(daemon, instance, machine);
}

export async function bootInstances(daemon: Daemon): Promise<void> {
  const instances = daemon.world.instancesOf(undefined);
  for (const instance of instances) await adopt(daemon, instance);
  for (const instance of instances.filter((one) => shouldStart(daemon, one))) {
    try {
      await startInstance(daemon, instance, { stateful: false });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      daemon.events.log("error", "Failed to auto start instance", { instance: instance.name, err: reason });
    }
  }
}
