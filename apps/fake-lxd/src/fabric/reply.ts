/** Answers: LXD's JSON envelope in its three kinds, and raw bodies. */
import { etagOf } from "../kernel/etag.ts";
import type { Operation } from "../kernel/operations.ts";

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
  /** What `body` is the JSON of, for a client in this process: it must not change it. */
  value?: unknown;
}

const json = { "content-type": "application/json" };

/** Go escapes these three in JSON, too. */
export function goStringify(value: unknown): string {
  const text = JSON.stringify(value);
  if (!/[<>&\u2028\u2029]/.test(text)) return text;
  return text
    .replaceAll("<", "\\u003c")
    .replaceAll(">", "\\u003e")
    .replaceAll("&", "\\u0026")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

interface Envelope {
  type: "sync" | "async" | "error";
  status?: string;
  status_code?: number;
  operation?: string;
  error_code?: number;
  error?: string;
  metadata?: unknown;
}

/** With all of its fields, in LXD's order. */
function enveloped(fields: Envelope): Required<Envelope> {
  const { type, status = "", status_code = 0, operation = "", error_code = 0, error = "", metadata = null } = fields;
  return { type, status, status_code, operation, error_code, error, metadata };
}

function envelope(fields: Envelope): string {
  return `${goStringify(enveloped(fields))}\n`;
}

/** A success; an empty one has `{}`. `etag` are the fields that the header covers. */
export function sync(metadata: unknown = {}, etag?: unknown): Reply {
  return {
    status: 200,
    headers: { ...json, ...(etag !== undefined && { etag: `"${etagOf(etag)}"` }) },
    body: `${goStringify(success(metadata))}\n`,
  };
}

/**
 * The same for a `metadata` that never changes: who takes the value saves the making of its text. The ETag, too, is made when it is wanted.
 * `shown`: what the text is made of, where its maps have to be sorted.
 */
export function fresh(metadata: unknown, etag?: () => string, shown?: () => unknown): Reply {
  const value = success(metadata);
  const text = shown && (() => success(shown()));
  if (etag === undefined) return new LazyReply(200, json, value, text);
  const headers = {
    ...json,
    get etag() {
      return `"${etag()}"`;
    },
  };
  return new LazyReply(200, headers, value, text);
}

function success(metadata: unknown): Required<Envelope> {
  return enveloped({ type: "sync", status: "Success", status_code: 200, metadata });
}

/** A class, for a literal with a getter is slow to make, and nearly each request has one of these. */
class LazyReply implements Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly value: unknown;
  readonly #shown: (() => unknown) | undefined;
  #text: string | undefined;

  constructor(status: number, headers: Record<string, string>, value: unknown, shown?: () => unknown) {
    this.status = status;
    this.headers = headers;
    this.value = value;
    this.#shown = shown;
  }

  get body(): string {
    return (this.#text ??= `${goStringify(this.#shown ? this.#shown() : this.value)}\n`);
  }
}

export function created(location: string): Reply {
  return {
    status: 201,
    headers: { ...json, location },
    body: `${goStringify(success(null))}\n`,
  };
}

export function accepted(operation: Operation): Reply {
  const { url } = operation;
  const value = enveloped({
    type: "async",
    status: "Operation created",
    status_code: 100,
    operation: url,
    metadata: operation.render(),
  });
  return new LazyReply(202, { "content-type": "application/json", location: url }, value);
}

export function failed(status: number, error: string): Reply {
  return {
    status,
    headers: { ...json, "x-content-type-options": "nosniff" },
    body: `${envelope({ type: "error", error_code: status, error })}\n`,
  };
}

export function raw(body: string | Uint8Array, headers: Record<string, string>): Reply {
  return { status: 200, headers, body };
}
