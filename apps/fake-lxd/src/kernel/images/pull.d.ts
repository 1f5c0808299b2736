/** Images from servers: simplestreams or another LXD. */
import type { Daemon } from "../daemon.ts";
import type { Config, ImageRecord } from "../records.ts";
export interface PullRequest {
    server: string;
    protocol: string;
    alias: string;
    fingerprint: string;
    secret: string;
    certificate: string;
    autoUpdate: boolean;
    public: boolean;
    properties: Config;
    /** Pulled for an instance's sake, not asked for by itself. */
    cached: boolean;
}
/** An image that is there already is not stored again. */
export declare function pullImage(daemon: Daemon, project: string, request: PullRequest): Promise<ImageRecord>;
