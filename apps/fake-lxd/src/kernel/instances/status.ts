import type { InstanceRecord } from "../records.ts";
import { statusNames, type StatusCode } from "../status.ts";
import type { World } from "../world.ts";

/** What LXC says of the container; Error while a fault rule keeps its monitor from answering. */
export function statusCode(world: World, instance: InstanceRecord): StatusCode {
  if (world.rules.take({ instance: instance.name }).length > 0) return 112;
  switch (instance.machine?.phase) {
    case "running":
      return 103;
    case "frozen":
      return 110;
    case "stopping":
      return 107;
    default:
      return instance.isStarting ? 106 : 102;
  }
}

export function statusOf(world: World, instance: InstanceRecord): { status: string; status_code: StatusCode } {
  const code = statusCode(world, instance);
  return { status: statusNames[code], status_code: code };
}

/** LXD 5.0 takes Error for "not running", too. */
export function isRunning(instance: InstanceRecord): boolean {
  return instance.machine !== null && instance.machine.phase !== "stopping";
}
