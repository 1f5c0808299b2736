/** Projects: name spaces for everything else. */
import type { Project } from "@lxe/lxd-client";
import { badRequest, failure, forbidden, LxdFailure, notFound, within } from "../errors.ts";
import { sorted } from "../etag.ts";
import type { Config, ProjectRecord } from "../records.ts";
import { keyOf, urlOf, type World } from "../world.ts";

/** What a new project gets unless it says otherwise. */
const defaultFeatures: Config = {
  "features.images": "true",
  "features.profiles": "true",
  "features.storage.volumes": "true",
};

const knownKey =
  /^(user\..+|(features\.(images|networks|profiles|storage\.(volumes|buckets)|networks\.zones))|(backups\.compression_algorithm)|(images\.(auto_update_cached|auto_update_interval|compression_algorithm|default_architecture|remote_cache_expiry))|(limits\.(containers|cpu|disk|instances|memory|networks|processes|virtual-machines))|(restricted(\..+)?))$/;

export function findProject(world: World, name: string, context?: string): ProjectRecord {
  const project = world.projects.get(name);
  if (project !== undefined) return project;
  const missing = notFound("Project not found");
  throw context === undefined ? missing : within(context, missing);
}

function checkName(name: string): void {
  if (name === "") throw badRequest("No name provided");
  for (const [text, character] of [
    ["slashes", "/"],
    ["spaces", " "],
    ["underscores", "_"],
    ["quotes", "'"],
  ] as const) {
    if (name.includes(character)) throw badRequest(`Project names may not contain ${text}`);
  }
  if (name === "*" || name === "." || name === "..") throw badRequest(`Reserved project name`);
}

function checkKeys(config: Config): void {
  for (const key of Object.keys(config)) {
    if (!knownKey.test(key)) throw badRequest(`Invalid project configuration key ${JSON.stringify(key)}`);
  }
}

function usersOf(world: World, name: string): string[] {
  return [
    ...world.instancesOf(name).map((instance) => urlOf("instances", instance.name, name)),
    ...[...world.profiles.values()]
      .filter((one) => one.project === name)
      .map((one) => urlOf("profiles", one.name, name)),
    ...[...world.images.values()]
      .filter((one) => one.project === name)
      .map((one) => urlOf("images", one.fingerprint, name)),
    ...(name === "default" ? [...world.networks.keys()].map((network) => urlOf("networks", network, name)) : []),
  ];
}

export function renderProject(world: World, project: ProjectRecord): Project {
  return {
    config: sorted(project.config),
    description: project.description,
    name: project.name,
    used_by: usersOf(world, project.name),
  };
}

export function projectEtag(project: ProjectRecord): unknown {
  return [project.description, sorted(project.config)];
}

export function addProject(world: World, project: ProjectRecord): void {
  world.projects.set(project.name, project);
  if (project.config["features.profiles"] !== "true") return;
  const description =
    project.name === "default" ? "Default LXD profile" : `Default LXD profile for project ${project.name}`;
  world.profiles.set(keyOf(project.name, "default"), {
    project: project.name,
    name: "default",
    description,
    config: {},
    devices: {},
  });
}

export function createProject(world: World, input: ProjectRecord): void {
  checkName(input.name);
  checkKeys(input.config);
  if (world.projects.has(input.name)) {
    throw new LxdFailure(
      409,
      `Failed creating project ${JSON.stringify(input.name)}: Failed adding database record: This "projects" entry already exists`,
    );
  }
  addProject(world, { ...input, config: { ...defaultFeatures, ...input.config } });
}

function featuresOf(config: Config): string {
  return JSON.stringify(Object.entries(sorted(config)).filter(([key]) => key.startsWith("features.")));
}

export function updateProject(world: World, project: ProjectRecord, change: Omit<ProjectRecord, "name">): void {
  checkKeys(change.config);
  const hasChanged = featuresOf(project.config) !== featuresOf(change.config);
  if (hasChanged && !isEmpty(world, project.name)) throw badRequest("Features can only be changed on empty projects");
  project.description = change.description;
  project.config = change.config;
}

function isEmpty(world: World, name: string): boolean {
  return usersOf(world, name).filter((url) => !url.startsWith("/1.0/profiles/default")).length === 0;
}

export function deleteProject(world: World, name: string): void {
  if (name === "default") throw forbidden("The 'default' project cannot be deleted");
  findProject(world, name, `Fetch project ${JSON.stringify(name)}`);
  if (!isEmpty(world, name)) throw failure("Only empty projects can be removed");
  world.projects.delete(name);
  world.profiles.delete(keyOf(name, "default"));
}

/** Of an empty one. */
export function renameProject(world: World, project: ProjectRecord, name: string): void {
  if (!isEmpty(world, project.name)) throw failure("Only empty projects can be renamed");
  const profile = world.profiles.get(keyOf(project.name, "default"));
  world.projects.delete(project.name);
  world.profiles.delete(keyOf(project.name, "default"));
  project.name = name;
  world.projects.set(name, project);
  if (profile !== undefined) world.profiles.set(keyOf(name, "default"), { ...profile, project: name });
}
