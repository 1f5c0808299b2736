import type { WriteOptions } from "../api/options.ts";
import type { ProfilesApi } from "../api/profiles.ts";
import type { Context } from "../context.ts";
import { modify } from "../operations/modify.ts";
import { change } from "../operations/run.ts";
import type { Profile, ProfilePut } from "../schema/profile.ts";
import { ifMatch, path, readList, readOne } from "./access.ts";

const at = (...name: string[]) => path("profiles", ...name);

export function profilesResource(context: Context): ProfilesApi {
  const { rest } = context;
  const get: ProfilesApi["get"] = (name, options) => readOne<Profile>(rest, { path: at(name) }, "name", options);

  const update: ProfilesApi["update"] = async (name, body, options) => {
    await change(context, { method: "PUT", path: at(name), body, headers: ifMatch(options) }, options);
  };

  return {
    get,
    update,
    list: (options) => readList<Profile>(rest, { path: at() }, "name", options),
    async create(body, options) {
      await change(context, { method: "POST", path: at(), body }, options);
    },
    modify: (name, edit, options) =>
      modify(
        context,
        {
          read: (reading) => get(name, reading),
          change: (profile) => edit(writable(profile), profile),
          write: (body: ProfilePut, writing: WriteOptions) => update(name, body, writing),
        },
        options,
      ),
    async rename(name, newName, options) {
      await change(context, { method: "POST", path: at(name), body: { name: newName } }, options);
    },
    async delete(name, options) {
      await change(context, { method: "DELETE", path: at(name) }, options);
    },
  };
}

function writable({ description, config, devices }: Profile): Required<ProfilePut> {
  return structuredClone({ description, config, devices });
}
