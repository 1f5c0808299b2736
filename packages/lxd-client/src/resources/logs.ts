import type { LogsApi } from "../api/instances.ts";
import type { Context } from "../context.ts";
import { change } from "../operations/run.ts";
import { asNames } from "../transport/expect.ts";
import { label, path, read } from "./access.ts";
import { readBytes } from "./bytes.ts";

const at = (instance: string, ...file: string[]) => path("instances", instance, "logs", ...file);

export function logsResource(context: Context): LogsApi {
  return {
    async list(instance, options) {
      const spec = { path: at(instance) };
      return asNames(label(spec), (await read(context.rest, spec, options)).value);
    },
    get: (instance, file, options) => readBytes(context.rest, at(instance, file), options),
    async delete(instance, file, options) {
      await change(context, { method: "DELETE", path: at(instance, file) }, options);
    },
  };
}
