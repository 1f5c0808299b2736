/** One request as handlers see it. */
import type { IncomingHttpHeaders } from "node:http";
import type { Daemon } from "../kernel/daemon.ts";
import { type Shape } from "./go-json.ts";
export interface RequestInput {
    daemon: Daemon;
    method: string;
    url: URL;
    headers: IncomingHttpHeaders;
    body: Buffer;
}
export declare class ApiRequest {
    #private;
    readonly daemon: Daemon;
    readonly method: string;
    readonly query: URLSearchParams;
    readonly headers: IncomingHttpHeaders;
    readonly body: Buffer;
    constructor(input: RequestInput, params: Record<string, string>);
    get project(): string;
    /** Anything that is no number counts as 0. */
    get recursion(): number;
    /** A `{name}` of the route. */
    param(name: string): string;
    header(name: string): string | undefined;
    json<T>(shape: Shape<T>): T;
    checkEtag(fields: unknown): void;
}
