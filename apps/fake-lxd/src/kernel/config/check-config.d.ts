import type { Config } from "../records.ts";
/** Throws LXD's text without any context in front; status 500. */
export declare function checkConfig(config: Config, profile: boolean): void;
/** The same failure as a mistake of the client (400), as the profile create call answers it. */
export declare function asBadRequest(error: unknown): never;
