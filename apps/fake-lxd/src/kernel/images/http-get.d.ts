/** GET over HTTP or HTTPS with the errors that Go's client prints. For image servers only. */
import { type IncomingMessage } from "node:http";
export interface Reply {
    status: number;
    headers: IncomingMessage["headers"];
    body: Buffer;
}
export interface GetOptions {
    /** PEM of the server, instead of the authorities that Node trusts. */
    certificate?: string | undefined;
    signal?: AbortSignal | undefined;
}
/** Follows redirects. Throws when the server cannot be reached; any status is an answer. */
export declare function httpGet(address: string, options: GetOptions): Promise<Reply>;
