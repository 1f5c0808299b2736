/** LXD's envelopes over HTTP: one call, one parsed answer, errors thrown. Adds the project. Does not wait for operations. */
import type { Readable } from "node:stream";
import type { CallOptions } from "../api/options.ts";
import type { RequestSpec } from "../api/request.ts";
import { LxdError } from "../errors.ts";
import type { Operation } from "../schema/operation.ts";
import { errorFromReply, errorFromTransport } from "./classify.ts";
import { asOperation, isObject } from "./expect.ts";
import type { HttpHeaders, HttpReply, HttpRequest, HttpTransport } from "./http.ts";

export type Reply = SyncReply | { type: "async"; operation: Operation };

/** Its ETag is read when it is wanted. */
class SyncReply {
  readonly type = "sync";
  readonly metadata: unknown;
  readonly #headers: HttpHeaders;

  constructor(metadata: unknown, headers: HttpHeaders) {
    this.metadata = metadata;
    this.#headers = headers;
  }

  get etag(): string {
    return unquoted(this.#headers["etag"]);
  }
}

/** A request whose body, or answer, is not JSON. */
export interface StreamSpec extends Omit<RequestSpec, "body"> {
  content?: string | Uint8Array | Readable | undefined;
}

export interface Rest {
  call(request: RequestSpec, options: CallOptions | undefined): Promise<Reply>;
  /** Sends `content`; the answer is an envelope. */
  upload(request: StreamSpec, options: CallOptions | undefined): Promise<Reply>;
  /** The answer of a success is left to the caller. */
  download(request: StreamSpec, options: CallOptions | undefined): Promise<HttpReply>;
  /** Path and query, project included. */
  url(path: string, query?: RequestSpec["query"]): string;
}

/** What errors say of a request. Queries are left out: they can hold websocket secrets. */
export function labelOf(request: { method: string; path: string }): string {
  return `${request.method} ${request.path}`;
}

export function restTransport(http: HttpTransport, project: string | undefined): Rest {
  const url: Rest["url"] = (path, query) => {
    if (query === undefined && project === undefined) return path;
    const parameters = new URLSearchParams();
    const explicit = query ?? {};
    if (project !== undefined && explicit["all-projects"] === undefined) parameters.set("project", project);
    for (const [key, value] of Object.entries(explicit)) if (value !== undefined) parameters.set(key, value);
    return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
  };

  const toHttp = (
    request: RequestSpec | StreamSpec,
    options: CallOptions | undefined,
    body: HttpRequest["body"],
    headers = request.headers,
  ): HttpRequest => ({
    method: request.method,
    path: url(request.path, request.query),
    label: labelOf(request),
    headers,
    body,
    signal: options?.signal,
  });

  return {
    url,
    async call(request, options) {
      const json = request.body === undefined ? undefined : JSON.stringify(request.body);
      const headers = json === undefined ? request.headers : { "content-type": "application/json", ...request.headers };
      const reply = await http.call(toHttp(request, options, json, headers));
      return parseReply(labelOf(request), reply.status, reply.headers, reply.value);
    },
    async upload(request, options) {
      const reply = await http.stream(toHttp(request, options, request.content));
      const text = await readText(labelOf(request), reply, options);
      return parseReply(labelOf(request), reply.status, reply.headers, parseJson(text));
    },
    async download(request, options) {
      const reply = await http.stream(toHttp(request, options, request.content));
      if (reply.status < 300) return reply;
      const text = await readText(labelOf(request), reply, options);
      parseReply(labelOf(request), reply.status, reply.headers, parseJson(text));
      throw notLxd(labelOf(request), `HTTP ${reply.status}`);
    },
  };
}

async function readText(label: string, reply: HttpReply, options: CallOptions | undefined): Promise<string> {
  try {
    return await reply.body.text();
  } catch (cause) {
    throw errorFromTransport(label, cause, options?.signal);
  }
}

/** Dispatches on the body's `type`, never on the HTTP status: some versions send errors inside an HTTP 200. */
function parseReply(label: string, status: number, headers: HttpHeaders, envelope: unknown): Reply {
  if (!isObject(envelope)) {
    if (status >= 400) throw errorFromReply(label, status, "");
    throw notLxd(label, "the answer is not a JSON object");
  }
  switch (envelope["type"]) {
    case "sync":
      return new SyncReply(envelope["metadata"], headers);
    case "async":
      return { type: "async", operation: asOperation(label, envelope["metadata"]) };
    case "error":
      throw errorFromReply(label, errorCode(envelope, status), textOf(envelope["error"]));
    default:
      throw notLxd(label, "the answer has no known type");
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function errorCode(envelope: Record<string, unknown>, status: number): number {
  const code = envelope["error_code"];
  return typeof code === "number" && code >= 400 ? code : status;
}

function unquoted(etag: string | string[] | undefined): string {
  return typeof etag === "string" ? etag.replaceAll('"', "") : "";
}

function notLxd(label: string, what: string): LxdError {
  return new LxdError("protocol", `${label}: ${what}`, { request: label });
}
