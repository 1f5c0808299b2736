import type { ImageAliasesApi } from "../api/images.ts";
import type { Context } from "../context.ts";
import { change } from "../operations/run.ts";
import type { ImageAliasEntry } from "../schema/image.ts";
import { ifMatch, path, readList, readOne } from "./access.ts";

const at = (...name: string[]) => path("images", "aliases", ...name);

export function imageAliasesResource(context: Context): ImageAliasesApi {
  const { rest } = context;
  return {
    // Names come from the objects: the URLs of LXD 5.0 are escaped twice.
    list: (options) => readList<ImageAliasEntry>(rest, { path: at() }, "name", options),
    get: (name, options) => readOne<ImageAliasEntry>(rest, { path: at(name) }, "target", options),
    async create(body, options) {
      await change(context, { method: "POST", path: at(), body }, options);
    },
    async update(name, body, options) {
      await change(context, { method: "PUT", path: at(name), body, headers: ifMatch(options) }, options);
    },
    async delete(name, options) {
      await change(context, { method: "DELETE", path: at(name) }, options);
    },
  };
}
