import type { GuestKernel } from "../guest/types.ts";
import type { Timing } from "../limits.ts";
import type { Clock, Random } from "../platform/types.ts";
import type { RuleBook } from "../rules/rules.ts";
import { LogStore } from "./logs.ts";
import type { AliasRecord, Config, ImageRecord, InstanceRecord, NetworkRecord, PoolRecord, ProfileRecord, ProjectRecord, VolumeRecord } from "./records.ts";
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
export declare class World {
    #private;
    readonly clock: Clock;
    readonly random: Random;
    readonly rules: RuleBook;
    readonly timing: Timing;
    readonly guests: GuestKernel;
    readonly directory: string;
    readonly architecture: string;
    readonly logs: LogStore;
    readonly serverConfig: Config;
    readonly projects: Map<string, ProjectRecord>;
    readonly profiles: Map<string, ProfileRecord>;
    readonly instances: Map<string, InstanceRecord>;
    readonly images: Map<string, ImageRecord>;
    readonly aliases: Map<string, AliasRecord>;
    readonly networks: Map<string, NetworkRecord>;
    readonly pools: Map<string, PoolRecord>;
    readonly volumes: Map<string, VolumeRecord>;
    constructor(options: WorldOptions);
    /** A directory of the host for what guests mount; made on first use, removed by `close()`. */
    scratchDirectory(): string;
    close(): Promise<void>;
    /** The project whose objects of a kind a project sees. */
    owner(project: string, feature: ProjectFeature): string;
    profile(project: string, name: string): ProfileRecord | undefined;
    instance(project: string, name: string): InstanceRecord;
    /** In order of creation. */
    instancesOf(project: string | undefined): InstanceRecord[];
    /** False when a `disk-full` rule matches `path`: then nothing can be stored there. */
    hasSpace(path: string): boolean;
}
/** Of an object that belongs to a project. No name contains a slash except aliases', and those come last. */
export declare function keyOf(project: string, name: string): string;
/** `/1.0/instances/x`, with `?project=` when it is not in the default one. */
export declare function urlOf(kind: string, name: string, project: string): string;
