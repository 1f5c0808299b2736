import {
  createProfile,
  deleteProfile,
  findProfile,
  profileEtag,
  profilesOf,
  renameProfile,
  renderProfile,
  updateProfile,
} from "../../kernel/profiles/profiles.ts";
import type { ProfileRecord } from "../../kernel/records.ts";
import { urlOf } from "../../kernel/world.ts";
import { config, devices, maybe, object, text } from "../go-json.ts";
import { created, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";

const profilesPost = object("ProfilesPost", { name: text, description: text, config, devices });
const profilePut = object("ProfilePut", { description: maybe(text), config, devices });
const profilePost = object("ProfilePost", { name: text });

function forUpdate(request: ApiRequest, verb: "PUT" | "PATCH"): ProfileRecord {
  const name = request.param("name");
  const context = `Failed to retrieve profile${verb === "PUT" ? " " : "="}${JSON.stringify(name)}`;
  const profile = findProfile(request.daemon.world, request.project, name, context);
  request.checkEtag(profileEtag(profile));
  return profile;
}

function listProfiles(request: ApiRequest): unknown[] {
  const { world } = request.daemon;
  const profiles = profilesOf(world, request.project);
  if (request.recursion > 0) return profiles.map((profile) => renderProfile(world, profile));
  return profiles.map((profile) => urlOf("profiles", profile.name, profile.project));
}

export const profileRoutes: Route[] = [
  {
    path: "/1.0/profiles",
    GET: (request) => sync(listProfiles(request)),
    POST: (request) => {
      const profile = createProfile(request.daemon, request.project, request.json(profilesPost));
      // LXD 5.0 escapes twice here.
      return created(urlOf("profiles", encodeURIComponent(profile.name), profile.project));
    },
  },
  {
    path: "/1.0/profiles/{name}",
    GET: (request) => {
      const profile = findProfile(request.daemon.world, request.project, request.param("name"), "Fetch profile");
      return sync(renderProfile(request.daemon.world, profile), profileEtag(profile));
    },
    PUT: async (request) => {
      const profile = forUpdate(request, "PUT");
      const change = request.json(profilePut);
      await updateProfile(request.daemon, profile, { ...change, description: change.description ?? "" });
      return sync();
    },
    PATCH: async (request) => {
      const profile = forUpdate(request, "PATCH");
      const change = request.jsonMap(profilePut);
      await updateProfile(request.daemon, profile, {
        description: change.description ?? profile.description,
        config: { ...profile.config, ...change.config },
        devices: { ...profile.devices, ...change.devices },
      });
      return sync();
    },
    POST: (request) => {
      const { name } = request.json(profilePost);
      const profile = renameProfile(request.daemon, request.project, request.param("name"), name);
      return created(urlOf("profiles", encodeURIComponent(profile.name), profile.project));
    },
    DELETE: (request) => {
      deleteProfile(request.daemon, request.project, request.param("name"));
      return sync();
    },
  },
];
