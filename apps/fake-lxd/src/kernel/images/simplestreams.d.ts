import { type GetOptions } from "./http-get.ts";
import type { RemoteImage } from "./remote.ts";
export declare function pullSimplestreams(server: string, wanted: {
    alias: string;
    fingerprint: string;
}, architecture: string, options: GetOptions): Promise<RemoteImage>;
