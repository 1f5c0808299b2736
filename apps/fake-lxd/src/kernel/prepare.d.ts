import type { World } from "./world.ts";
export declare function prepareWorld(world: World): void;
