import type { ProjectsApi } from "../api/projects.ts";
import type { Context } from "../context.ts";
import { change } from "../operations/run.ts";
import type { Project } from "../schema/project.ts";
import { ifMatch, path, readList, readOne } from "./access.ts";

const at = (...name: string[]) => path("projects", ...name);

export function projectsResource(context: Context): ProjectsApi {
  const { rest } = context;
  return {
    list: (options) => readList<Project>(rest, { path: at() }, "name", options),
    get: (name, options) => readOne<Project>(rest, { path: at(name) }, "name", options),
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
