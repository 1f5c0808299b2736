/** Projects: name spaces for everything else. */
import type { Project } from "@lxe/lxd-client";
import type { ProjectRecord } from "../records.ts";
import { type World } from "../world.ts";
export declare function findProject(world: World, name: string, context?: string): ProjectRecord;
export declare function renderProject(world: World, project: ProjectRecord): Project;
export declare function projectEtag(project: ProjectRecord): unknown;
export declare function addProject(world: World, project: ProjectRecord): void;
export declare function createProject(world: World, input: ProjectRecord): void;
export declare function updateProject(world: World, project: ProjectRecord, change: Omit<ProjectRecord, "name">): void;
export declare function deleteProject(world: World, name: string): void;
/** Of an empty one. */
export declare function renameProject(world: World, project: ProjectRecord, name: string): void;
