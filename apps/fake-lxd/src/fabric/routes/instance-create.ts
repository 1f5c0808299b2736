import { asBadRequest } from "../../kernel/config/check-config.ts";
import { badRequest, failure, LxdFailure, notFound, within } from "../../kernel/errors.ts";
import { findAlias } from "../../kernel/images/aliases.ts";
import { findImage, imagesOf } from "../../kernel/images/images.ts";
import { pullImage } from "../../kernel/images/pull.ts";
import {
  checkArchitecture,
  checkProfilesExist,
  type CopySource,
  createCopy,
  createEmpty,
  createFromImage,
  type CreateInput,
} from "../../kernel/instances/create.ts";
import { checkInstanceName, inventName } from "../../kernel/instances/names.ts";
import { findSnapshot } from "../../kernel/instances/snapshots.ts";
import { instanceResources } from "../../kernel/instances/view.ts";
import type { Operation } from "../../kernel/operations.ts";
import type { ImageRecord } from "../../kernel/records.ts";
import { keyOf } from "../../kernel/world.ts";
import { accepted, type Reply } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import { type InstancesPost, type InstanceSource, instancesPost } from "./instance-bodies.ts";

function checkProject({ daemon, project }: ApiRequest): void {
  if (daemon.world.projects.has(project)) return;
  throw within("Failed loading project", notFound("Project not found"));
}

/** `c1`, `t2.micro` and the like are not simulated; `c2-m4` sets limits. */
function applyInstanceType(body: InstancesPost): void {
  if (body.instance_type === "") return;
  const [, cpu, memory] = /^c(\d+)(?:-m(\d+(?:\.\d+)?))?$/.exec(body.instance_type) ?? [];
  if (cpu === undefined) throw badRequest(`Provided instance type doesn't exist: ${body.instance_type}`);
  body.config["limits.cpu"] ??= cpu;
  if (memory !== undefined) body.config["limits.memory"] ??= `${Math.round(Number(memory) * 1024)}MB`;
}

function inputOf(request: ApiRequest, body: InstancesPost): CreateInput {
  const { world } = request.daemon;
  const isTaken = (name: string) => world.instances.has(keyOf(request.project, name));
  return {
    project: request.project,
    name: body.name || inventName(world.random, isTaken),
    description: body.description,
    architecture: body.architecture,
    config: body.config,
    devices: body.devices,
    ephemeral: body.ephemeral,
    profiles: body.profiles ?? ["default"],
  };
}

/** Aliases are resolved before the operation, fingerprints inside it. */
function imageFinder(request: ApiRequest, source: InstanceSource): (operation: Operation) => Promise<ImageRecord> {
  const { daemon, project } = request;
  const { world } = daemon;
  if (source.server !== "") {
    const wanted = { ...source, autoUpdate: false, public: false, properties: {}, cached: true };
    return async () => await pullImage(daemon, project, wanted);
  }
  if (source.alias !== "") {
    const { target } = findAlias(world, project, source.alias);
    return () => Promise.resolve(findImage(world, project, target));
  }
  if (source.fingerprint !== "") {
    return () => {
      try {
        return Promise.resolve(findImage(world, project, source.fingerprint));
      } catch {
        throw failure("Image not provided for instance creation");
      }
    };
  }
  const wanted = Object.entries(source.properties);
  if (wanted.length === 0) {
    throw failure("Must specify one of alias, fingerprint or properties for init from image");
  }
  const match = imagesOf(world, project)
    .toReversed()
    .find((image) => wanted.every(([key, value]) => image.properties[key] === value));
  if (match === undefined) throw failure("No matching image could be found");
  return () => Promise.resolve(match);
}

function copySourceOf(request: ApiRequest, source: InstanceSource): CopySource {
  if (source.source === "") throw badRequest("Must specify a source instance");
  const { world } = request.daemon;
  const project = source.project || request.project;
  const [name = "", snapshotName] = source.source.split("/");
  const instance = world.instances.get(keyOf(project, name));
  if (instance === undefined) {
    throw within(
      `Failed to fetch instance ${JSON.stringify(source.source)} in project ${JSON.stringify(project)}`,
      notFound("Instance not found"),
    );
  }
  const snapshot = snapshotName === undefined ? null : findSnapshot(instance, snapshotName);
  return { instance, snapshot, withSnapshots: snapshot === null && !source.instance_only && !source.container_only };
}

function start(
  request: ApiRequest,
  resources: Record<string, string[]>,
  run: (operation: Operation) => Promise<void>,
): Reply {
  const operation = request.daemon.operations.create({
    project: request.project,
    class: "task",
    description: "Creating instance",
    resources,
    run,
  });
  return accepted(operation);
}

export function createInstance(request: ApiRequest): Reply {
  const { daemon } = request;
  const body = request.json(instancesPost);
  checkProject(request);
  applyInstanceType(body);
  const find = body.source.type === "image" ? imageFinder(request, body.source) : undefined;
  const copied = body.source.type === "copy" ? copySourceOf(request, body.source) : undefined;
  checkProfilesExist(daemon.world, request.project, body.profiles ?? ["default"]);
  if (body.name !== "") checkInstanceName(body.name);
  if (body.source.type === "migration") checkMigrated(body.architecture);
  const isKnown = find !== undefined || ["none", "migration"].includes(body.source.type);
  if (isKnown && body.type !== "" && body.type !== "container" && body.type !== "virtual-machine") {
    throw badRequest("Invalid instance type");
  }
  const input = inputOf(request, body);
  if (find) return createFromImageSource(request, body, input, find);
  if (copied) return createFromCopySource(request, body, input, copied);
  switch (body.source.type) {
    case "none":
      if (body.architecture !== "") checkArchitecture(body.architecture);
      return start(request, instanceResources(input.name), async () => {
        createEmpty(daemon, input);
        await daemon.sleep(0);
      });
    case "migration":
      throw new LxdFailure(501, `Mode ${JSON.stringify(body.source.mode)} not implemented`);
    default:
      throw badRequest(`Unknown source type ${body.source.type}`);
  }
}

/** Of a migration it must be given, and is looked at first. */
function checkMigrated(architecture: string): void {
  try {
    checkArchitecture(architecture);
  } catch (error) {
    asBadRequest(error);
  }
}

function createFromCopySource(request: ApiRequest, body: InstancesPost, input: CreateInput, source: CopySource): Reply {
  if (body.stateful && input.name !== source.instance.name) {
    const names = `source "${source.instance.name}" and target "${input.name}"`;
    throw badRequest(`Copying stateful instances requires that ${names} name be identical`);
  }
  // A copy whose request names no profiles has none, not those of its source.
  const profiles = body.profiles ?? [];
  return start(request, instanceResources(input.name, source.instance.name), async () => {
    await createCopy(request.daemon, { ...input, profiles }, source);
  });
}

function createFromImageSource(
  request: ApiRequest,
  body: InstancesPost,
  input: CreateInput,
  find: (operation: Operation) => Promise<ImageRecord>,
): Reply {
  const { daemon } = request;
  const { instances, ...containers } = instanceResources(input.name);
  const isMachine = body.type === "virtual-machine";
  return start(request, { ...(!isMachine && containers), instances: instances ?? [] }, async (operation) => {
    const image = await find(operation);
    if (isMachine) {
      throw failure(`Requested image's type "container" doesn't match instance type "virtual-machine"`);
    }
    await createFromImage(daemon, { ...input, architecture: image.architecture }, image, operation);
  });
}
