import { type GetOptions } from "./http-get.ts";
import type { RemoteImage } from "./remote.ts";
export declare function pullFromLxd(server: string, wanted: {
    alias: string;
    fingerprint: string;
    secret: string;
}, options: GetOptions): Promise<RemoteImage>;
