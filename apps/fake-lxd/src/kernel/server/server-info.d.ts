import type { Server } from "@lxe/lxd-client";
import type { World } from "../world.ts";
export declare const kernelVersion: () => string;
export declare const hostArchitecture: () => string;
/** Covers the configuration only. */
export declare function serverEtag(world: World): unknown;
export declare function renderServer(world: World, project: string): Server;
