import type { Daemon } from "../daemon.ts";
export declare function bootInstances(daemon: Daemon): Promise<void>;
