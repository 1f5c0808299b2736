/** Names for images. */
import type { ImageAliasEntry } from "@lxe/lxd-client";
import type { Daemon } from "../daemon.ts";
import type { AliasRecord, ImageRecord } from "../records.ts";
import { type World } from "../world.ts";
export declare function aliasesOf(world: World, project: string): AliasRecord[];
export declare function findAlias(world: World, project: string, name: string): AliasRecord;
export declare function renderAlias(alias: AliasRecord): ImageAliasEntry;
/** LXD 5.0 escapes twice here. */
export declare function aliasUrl(name: string): string;
export interface AliasInput {
    name: string;
    description: string;
    target: string;
}
export declare function createAlias(daemon: Daemon, project: string, input: AliasInput): AliasRecord;
export declare function addAlias(daemon: Daemon, image: ImageRecord, name: string, description: string): AliasRecord;
export declare function updateAlias(daemon: Daemon, alias: AliasRecord, change: {
    description: string;
    target: string;
}): void;
export declare function renameAlias(daemon: Daemon, alias: AliasRecord, name: string): void;
export declare function deleteAlias(daemon: Daemon, alias: AliasRecord): void;
