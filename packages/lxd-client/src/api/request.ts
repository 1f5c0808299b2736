import type { CallOptions } from "./options.ts";

/** A request by hand, for what the namespaces do not have. */
export interface RequestSpec {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From `/1.0` on, each segment percent-encoded, without a query. */
  path: string;
  query?: Readonly<Record<string, string | undefined>> | undefined;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>> | undefined;
}

/** Sends a request; resolves with the `metadata` of the answer, after the end of the operation if there is one. */
export type RequestFunction = (request: RequestSpec, options?: CallOptions) => Promise<unknown>;
