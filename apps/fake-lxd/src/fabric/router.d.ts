import { type Reply } from "./reply.ts";
import { ApiRequest, type RequestInput } from "./request.ts";
export type Handler = (request: ApiRequest) => Reply | Promise<Reply>;
export declare const methods: readonly ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
export type Method = (typeof methods)[number];
/** `path` may hold `{name}` (one segment) and `{name...}` (the rest, slashes included). */
export interface Route extends Partial<Record<Method, Handler>> {
    path: string;
}
export declare class Router {
    #private;
    constructor(routes: readonly Route[]);
    handle(input: RequestInput): Promise<Reply>;
}
