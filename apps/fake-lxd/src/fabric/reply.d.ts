import type { Operation } from "../kernel/operations.ts";
export interface Reply {
    status: number;
    headers: Record<string, string>;
    body: string | Uint8Array;
}
/** Go escapes these three in JSON, too. */
export declare function goStringify(value: unknown): string;
/** A success; an empty one has `{}`. `etag` are the fields that the header covers. */
export declare function sync(metadata?: unknown, etag?: unknown): Reply;
export declare function created(location: string): Reply;
export declare function accepted(operation: Operation): Reply;
export declare function failed(status: number, error: string): Reply;
export declare function raw(body: string | Uint8Array, headers: Record<string, string>): Reply;
