/** One request as handlers see it. */
import type { IncomingHttpHeaders } from "node:http";
import { checkEtag, etagOf } from "../kernel/etag.ts";
import type { Daemon } from "../kernel/daemon.ts";
import { decodeAsMap, decodeBody, decodeWhole, type Shape } from "./go-json.ts";

/** What is read of a `URL`. */
export type RequestUrl = Pick<URL, "pathname" | "searchParams">;

const PLAIN = /^(?:\/[\w-][\w.-]*)+$/;
const NO_QUERY = new URLSearchParams();

/** `path`: with query. Most have nothing in them to parse. */
export function requestUrl(path: string): RequestUrl {
  return PLAIN.test(path) ? { pathname: path, searchParams: NO_QUERY } : new URL(path, "http://lxd");
}

export interface RequestInput {
  daemon: Daemon;
  method: string;
  url: RequestUrl;
  headers: IncomingHttpHeaders;
  /** Text where a client in this process has it. */
  body: Buffer | string;
}

export class ApiRequest {
  readonly daemon: Daemon;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly #body: Buffer | string;
  readonly #params: Readonly<Record<string, string>>;

  constructor(input: RequestInput, params: Readonly<Record<string, string>>) {
    this.daemon = input.daemon;
    this.method = input.method;
    this.query = input.url.searchParams;
    this.headers = input.headers;
    this.#body = input.body;
    this.#params = params;
  }

  get body(): Buffer {
    return typeof this.#body === "string" ? Buffer.from(this.#body) : this.#body;
  }

  get project(): string {
    return this.query.get("project") || "default";
  }

  /** Anything that is no number counts as 0. */
  get recursion(): number {
    return Number.parseInt(this.query.get("recursion") ?? "0", 10) || 0;
  }

  /** A `{name}` of the route. */
  param(name: string): string {
    return this.#params[name] ?? "";
  }

  header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  json<T>(shape: Shape<T>): T {
    return decodeBody(this.#body.toString(), shape);
  }

  jsonWhole<T>(shape: Shape<T>): T {
    return decodeWhole(this.#body.toString(), shape);
  }

  /** For a PATCH. */
  jsonMap<T>(shape: Shape<T>): T {
    return decodeAsMap(this.#body.toString(), shape);
  }

  checkEtag(fields: unknown): void {
    checkEtag(this.header("if-match"), () => etagOf(fields));
  }

  /** The same for an object whose ETag is known already. */
  checkKnownEtag(etag: () => () => string): void {
    checkEtag(this.header("if-match"), () => etag()());
  }
}
