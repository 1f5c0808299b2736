import type { SnapshotsApi } from "../api/instances.ts";
import type { Context } from "../context.ts";
import { operate } from "../operations/run.ts";
import type { InstanceSnapshot } from "../schema/instance.ts";
import { path, readList } from "./access.ts";

const at = (instance: string, ...snapshot: string[]) => path("instances", instance, "snapshots", ...snapshot);

export function snapshotsResource(context: Context): SnapshotsApi {
  return {
    list: (instance, options) => readList<InstanceSnapshot>(context.rest, { path: at(instance) }, "name", options),
    create: (instance, body, options) => operate(context, { method: "POST", path: at(instance), body }, options),
    restore: (instance, snapshot, options) =>
      operate(context, { method: "PUT", path: path("instances", instance), body: { restore: snapshot } }, options),
    delete: (instance, snapshot, options) =>
      operate(context, { method: "DELETE", path: at(instance, snapshot) }, options),
  };
}
