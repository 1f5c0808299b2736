/** Names for images. */
import type { ImageAliasEntry } from "@lxe/lxd-client";
import type { Daemon } from "../daemon.ts";
import { badRequest, conflict, notFound } from "../errors.ts";
import { rootRequestor } from "../events.ts";
import type { AliasRecord, ImageRecord } from "../records.ts";
import { keyOf, urlOf, type World } from "../world.ts";
import { findImage } from "./images.ts";

export function aliasesOf(world: World, project: string): AliasRecord[] {
  const owner = world.owner(project, "images");
  return [...world.aliases.values()]
    .filter((alias) => alias.project === owner)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export function findAlias(world: World, project: string, name: string): AliasRecord {
  const alias = world.aliases.get(keyOf(world.owner(project, "images"), name));
  if (alias === undefined) throw notFound("Image alias not found");
  return alias;
}

export function renderAlias(alias: AliasRecord): ImageAliasEntry {
  return { description: alias.description, target: alias.target, name: alias.name, type: "container" };
}

/** LXD 5.0 escapes twice here. */
export function aliasUrl(name: string, project: string): string {
  return urlOf("images/aliases", encodeURIComponent(name), project).replaceAll("%253A", ":");
}

function announce(daemon: Daemon, alias: AliasRecord, action: string, context?: Record<string, unknown>): void {
  const source = aliasUrl(alias.name, alias.project);
  daemon.events.lifecycle(alias.project, { action, source, context, requestor: rootRequestor });
}

export interface AliasInput {
  name: string;
  description: string;
  target: string;
}

export function createAlias(daemon: Daemon, project: string, input: AliasInput): AliasRecord {
  const { world } = daemon;
  if (input.name === "" || input.target === "") throw badRequest("name and target are required");
  const owner = world.owner(project, "images");
  if (world.aliases.has(keyOf(owner, input.name))) {
    throw conflict(`Alias ${JSON.stringify(input.name)} already exists`);
  }
  const image = findImage(world, project, input.target);
  return addAlias(daemon, image, input.name, input.description);
}

export function addAlias(daemon: Daemon, image: ImageRecord, name: string, description: string): AliasRecord {
  const alias: AliasRecord = { project: image.project, name, description, target: image.fingerprint };
  daemon.world.aliases.set(keyOf(image.project, name), alias);
  announce(daemon, alias, "image-alias-created", { target: image.fingerprint });
  return alias;
}

export function updateAlias(daemon: Daemon, alias: AliasRecord, change: { description: string; target: string }): void {
  alias.target = findImage(daemon.world, alias.project, change.target).fingerprint;
  alias.description = change.description;
  announce(daemon, alias, "image-alias-updated", { target: alias.target });
}

export function renameAlias(daemon: Daemon, project: string, oldName: string, name: string): void {
  const { world } = daemon;
  if (world.aliases.has(keyOf(world.owner(project, "images"), name)))
    throw conflict(`Alias ${JSON.stringify(name)} already exists`);
  const alias = findAlias(world, project, oldName);
  world.aliases.delete(keyOf(alias.project, alias.name));
  const old = alias.name;
  alias.name = name;
  world.aliases.set(keyOf(alias.project, name), alias);
  announce(daemon, alias, "image-alias-renamed", { old_name: old });
}

export function deleteAlias(daemon: Daemon, alias: AliasRecord): void {
  daemon.world.aliases.delete(keyOf(alias.project, alias.name));
  announce(daemon, alias, "image-alias-deleted");
}
