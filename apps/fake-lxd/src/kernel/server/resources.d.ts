import type { Resources } from "@lxe/lxd-client";
import type { World } from "../world.ts";
export declare function renderResources(world: World): Resources;
