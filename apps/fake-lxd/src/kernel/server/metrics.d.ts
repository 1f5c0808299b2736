import type { World } from "../world.ts";
export declare class Metrics {
    #private;
    constructor(world: World);
    /** Of every project when `project` is undefined. */
    render(project: string | undefined): string;
}
