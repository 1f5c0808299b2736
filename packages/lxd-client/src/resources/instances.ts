import type { ListOptions, WriteOptions } from "../api/options.ts";
import type { InstanceLists, InstancesApi } from "../api/instances.ts";
import type { Context } from "../context.ts";
import { consoleSession } from "../exec/console.ts";
import { execCapture } from "../exec/capture.ts";
import { execSession } from "../exec/session.ts";
import { change, operate } from "../operations/run.ts";
import { modify } from "../operations/modify.ts";
import type { Recursion } from "../schema/common.ts";
import type { Instance, InstancePut } from "../schema/instance.ts";
import type { InstanceState } from "../schema/instance-state.ts";
import { asNames, asObjects } from "../transport/expect.ts";
import { ifMatch, label, listQuery, path, read, readOne } from "./access.ts";
import { consoleLog } from "./console-log.ts";
import { filesResource } from "./files.ts";
import { logsResource } from "./logs.ts";
import { snapshotsResource } from "./snapshots.ts";

const at = (name: string) => path("instances", name);

export function instancesResource(context: Context): InstancesApi {
  const { rest } = context;
  const get: InstancesApi["get"] = (name, options) => readOne<Instance>(rest, { path: at(name) }, "name", options);

  const update: InstancesApi["update"] = (name, body, options) =>
    operate(context, { method: "PUT", path: at(name), body, headers: ifMatch(options) }, options);

  return {
    files: filesResource(context),
    logs: logsResource(context),
    snapshots: snapshotsResource(context),
    get,
    update,
    list: (options) => list(context, options),
    create: (body, options) => operate(context, { method: "POST", path: path("instances"), body }, options),
    modify: (name, edit, options) =>
      modify(
        context,
        {
          read: (reading) => get(name, reading),
          change: (instance) => edit(writable(instance), instance),
          write: (body: InstancePut, writing: WriteOptions) => update(name, body, writing),
        },
        options,
      ),
    async patch(name, body, options) {
      // LXD sets a description that is not sent to "", in every version.
      const description = body.description ?? (await get(name, { signal: options?.signal })).value.description;
      const request = {
        method: "PATCH",
        path: at(name),
        body: { ...body, description },
        headers: ifMatch(options),
      } as const;
      await change(context, request, options);
    },
    delete: (name, options) => operate(context, { method: "DELETE", path: at(name) }, options),
    rename: (name, newName, options) =>
      operate(context, { method: "POST", path: at(name), body: { name: newName } }, options),
    async state(name, options) {
      return (await readOne<InstanceState>(rest, { path: `${at(name)}/state` }, "status_code", options)).value;
    },
    setState: (name, body, options) => operate(context, { method: "PUT", path: `${at(name)}/state`, body }, options),
    exec: (name, exec, options) => execSession(context, name, exec, options),
    execCapture: (name, exec, options) => execCapture(context, name, exec, options),
    console: (name, settings, options) => consoleSession(context, name, settings, options),
    consoleLog: (name, options) => consoleLog(context, name, options),
  };
}

async function list<R extends Recursion = 1>(
  { rest }: Context,
  options: (ListOptions & { recursion?: R | undefined }) | undefined,
): Promise<InstanceLists[R]> {
  const recursion = options?.recursion ?? 1;
  const spec = { path: path("instances"), query: { ...listQuery(options), recursion: String(recursion) } };
  const { value } = await read(rest, spec, options);
  const listed = recursion === 0 ? asNames(label(spec), value) : asObjects<Instance>(label(spec), value, "name");
  return listed as InstanceLists[R];
}

/** What a PUT replaces, as a copy to edit. */
function writable(instance: Instance): Required<Omit<InstancePut, "restore" | "stateful">> {
  const { architecture, config, devices, ephemeral, profiles, description } = instance;
  return structuredClone({ architecture, config, devices, ephemeral, profiles, description });
}
