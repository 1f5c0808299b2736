/**
 * Everything that outlives the daemon: its database, its disk, and the machine's guests. A crash throws the `Daemon`
 * away and keeps the world.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GuestKernel } from "../guest/types.ts";
import type { Timing } from "../limits.ts";
import type { Clock, Random } from "../platform/types.ts";
import type { RuleBook } from "../rules/rules.ts";
import { notFound } from "./errors.ts";
import { LogStore } from "./logs.ts";
import type {
  AliasRecord,
  Config,
  ImageRecord,
  InstanceRecord,
  NetworkRecord,
  PoolRecord,
  ProfileRecord,
  ProjectRecord,
  VolumeRecord,
} from "./records.ts";

export interface WorldOptions {
  clock: Clock;
  random: Random;
  rules: RuleBook;
  timing: Timing;
  guests: GuestKernel;
  /** What LXD_DIR is for a real daemon: paths in answers and logs begin with it. */
  directory: string;
  architecture: string;
}

/** The features that a project may have of its own; otherwise it uses the default project's. */
export type ProjectFeature = "profiles" | "images" | "networks" | "storage.volumes";

const featureKeys: Readonly<Record<ProjectFeature, string>> = {
  profiles: "features.profiles",
  images: "features.images",
  networks: "features.networks",
  "storage.volumes": "features.storage.volumes",
};

export class World {
  readonly clock: Clock;
  readonly random: Random;
  readonly rules: RuleBook;
  readonly timing: Timing;
  readonly guests: GuestKernel;
  readonly directory: string;
  readonly architecture: string;
  readonly logs = new LogStore();
  readonly serverConfig: Config = {};
  readonly projects = new Map<string, ProjectRecord>();
  readonly profiles = new Map<string, ProfileRecord>();
  readonly instances = new Map<string, InstanceRecord>();
  readonly images = new Map<string, ImageRecord>();
  readonly aliases = new Map<string, AliasRecord>();
  readonly networks = new Map<string, NetworkRecord>();
  readonly pools = new Map<string, PoolRecord>();
  readonly volumes = new Map<string, VolumeRecord>();

  #scratch: string | undefined;
  /** Of the last profile that was looked for: mostly the same one, of all instances. */
  #profileKey = { owner: "", name: "", key: keyOf("", "") };

  constructor(options: WorldOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.rules = options.rules;
    this.timing = options.timing;
    this.guests = options.guests;
    this.directory = options.directory;
    this.architecture = options.architecture;
  }

  /** A directory of the host for what guests mount; made on first use, removed by `close()`. */
  scratchDirectory(): string {
    this.#scratch ??= mkdtempSync(join(tmpdir(), "fake-lxd-"));
    return this.#scratch;
  }

  async close(): Promise<void> {
    await this.guests.close();
    if (this.#scratch !== undefined) rmSync(this.#scratch, { recursive: true, force: true });
  }

  /** The project whose objects of a kind a project sees. */
  owner(project: string, feature: ProjectFeature): string {
    return this.projects.get(project)?.config[featureKeys[feature]] === "true" ? project : "default";
  }

  profile(project: string, name: string): ProfileRecord | undefined {
    const owner = this.owner(project, "profiles");
    if (this.#profileKey.owner !== owner || this.#profileKey.name !== name)
      this.#profileKey = { owner, name, key: keyOf(owner, name) };
    return this.profiles.get(this.#profileKey.key);
  }

  instance(project: string, name: string): InstanceRecord {
    const instance = this.instances.get(keyOf(project, name));
    if (instance === undefined) throw notFound("Instance not found");
    return instance;
  }

  /** In order of creation. */
  instancesOf(project: string | undefined): InstanceRecord[] {
    const all = [...this.instances.values()];
    return project === undefined ? all : all.filter((instance) => instance.project === project);
  }

  /** False when a `disk-full` rule matches `path`: then nothing can be stored there. */
  hasSpace(path: string): boolean {
    return !this.rules.take({ store: path }).some((action) => action.kind === "disk-full");
  }
}

/** Of an object that belongs to a project. No name contains a slash except aliases', and those come last. */
export function keyOf(project: string, name: string): string {
  return `${project}/${name}`;
}

/** `/1.0/instances/x`, with `?project=` when it is not in the default one. */
export function urlOf(kind: string, name: string, project: string): string {
  const url = `/1.0/${kind}/${encodeURIComponent(name)}`;
  return project === "default" ? url : `${url}?project=${encodeURIComponent(project)}`;
}
