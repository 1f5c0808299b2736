/** The few shapes of request that all resources are made of. */
import type { CallOptions, ListOptions, Tagged, WriteOptions } from "../api/options.ts";
import type { RequestSpec } from "../api/request.ts";
import { LxdError } from "../errors.ts";
import { asObject, asObjects } from "../transport/expect.ts";
import { labelOf, type Rest } from "../transport/rest.ts";

/** A path from its segments, each encoded. */
export function path(...segments: string[]): string {
  let joined = "/1.0";
  for (const segment of segments) joined += `/${IS_PLAIN.test(segment) ? segment : encodeURIComponent(segment)}`;
  return joined;
}

/** Nothing to encode in it. */
const IS_PLAIN = /^[\w.-]*$/;

export interface ReadSpec {
  path: string;
  query?: RequestSpec["query"];
}

/** The metadata and ETag of a GET. */
export async function read(rest: Rest, spec: ReadSpec, options: CallOptions | undefined): Promise<Tagged<unknown>> {
  const reply = await rest.call({ method: "GET", ...spec }, options);
  if (reply.type === "sync") return new TaggedReply(reply.metadata, reply);
  throw notSync(spec);
}

function notSync(spec: ReadSpec): LxdError {
  return new LxdError("protocol", `${label(spec)}: the answer is an operation`, { request: label(spec) });
}

/** The ETag is looked at only by who writes: few do. */
class TaggedReply<T> implements Tagged<T> {
  readonly value: T;
  readonly #from: { readonly etag: string };

  constructor(value: T, from: { readonly etag: string }) {
    this.value = value;
    this.#from = from;
  }

  get etag(): string {
    return this.#from.etag;
  }
}

export const label = (spec: ReadSpec): string => labelOf({ method: "GET", path: spec.path });

/** One object that has `key`. */
export async function readOne<T extends object>(
  rest: Rest,
  spec: ReadSpec,
  key: keyof T & string,
  options: CallOptions | undefined,
): Promise<Tagged<T>> {
  const reply = await rest.call({ method: "GET", ...spec }, options);
  if (reply.type !== "sync") throw notSync(spec);
  return new TaggedReply(asObject<T>(label(spec), reply.metadata, key), reply);
}

/** A list of objects that have `key`; asks for recursion 1 unless the query says otherwise. */
export async function readList<T extends object>(
  rest: Rest,
  spec: ReadSpec,
  key: keyof T & string,
  options: ListOptions | undefined,
): Promise<T[]> {
  const query = { recursion: "1", ...listQuery(options), ...spec.query };
  const { value } = await read(rest, { path: spec.path, query }, options);
  return asObjects<T>(label(spec), value, key);
}

export function listQuery(options: ListOptions | undefined): Record<string, string> {
  return {
    ...(options?.filter === undefined ? {} : { filter: options.filter }),
    ...(options?.allProjects === true ? { "all-projects": "true" } : {}),
  };
}

export function ifMatch(options: WriteOptions | undefined): Record<string, string> {
  return options?.etag ? { "if-match": `"${options.etag}"` } : {};
}
