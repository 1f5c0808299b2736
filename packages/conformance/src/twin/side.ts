/** One LXD of the two, as a lane's sequence sees it: sends requests with placeholders filled in, keeps what it saw. */
import type { EventLog, LoggedEvent } from "./event-log.ts";
import type { HttpAnswer, HttpClient } from "./http.ts";
import { inProject, type Lane } from "./lane.ts";
import type { Placeholders } from "./normalise.ts";
import { type Json, type JsonObject, textOf } from "./json.ts";
import type { IfMatch } from "./step.ts";

export interface SideOptions {
  readonly name: "fake" | "real";
  readonly http: HttpClient;
  readonly events: EventLog;
  readonly lane: Lane;
  /** Of this side alone. */
  readonly own: Placeholders;
  /** The same on both. */
  readonly shared: Placeholders;
}

export interface SideRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: Json | Uint8Array | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly ifMatch?: IfMatch | undefined;
}

const BOGUS_ETAG = "0".repeat(64);

export class Side implements Disposable {
  readonly name: "fake" | "real";
  readonly own: Placeholders;
  readonly lane: Lane;
  /** Events of the lane since the last `takeEvents`. */
  events: LoggedEvent[] = [];
  readonly #options: SideOptions;
  readonly #firstEtags = new Map<string, string>();
  readonly #listening: Disposable;

  constructor(options: SideOptions) {
    this.#options = options;
    this.name = options.name;
    this.own = options.own;
    this.lane = options.lane;
    this.#listening = options.events.listen((event) => {
      if (this.#isOurs(event)) this.events.push(event);
    });
  }

  /** The path is taken within the lane's project. */
  async send(request: SideRequest): Promise<HttpAnswer> {
    const path = this.#fill(request.path);
    const condition = await this.#condition(path, request.ifMatch);
    const { body } = request;
    const answer = await this.#options.http.send({
      method: request.method,
      path: inProject(this.lane, path),
      headers: { ...request.headers, ...condition },
      ...(body !== undefined && { body: body instanceof Uint8Array ? body : this.#bodyText(body) }),
    });
    this.#rememberEtag(path, answer);
    return answer;
  }

  /** The envelope of an answer that has to be a success; for what both sides must be able to do. */
  async must(method: string, path: string, body?: Json | Uint8Array): Promise<JsonObject> {
    const headers = body instanceof Uint8Array ? { "content-type": "application/octet-stream" } : undefined;
    const answer = await this.send({ method, path, body, headers });
    const envelope = JSON.parse(answer.body) as JsonObject;
    if (envelope["type"] === "error") throw new Error(`${this.name}: ${method} ${path}: ${textOf(envelope["error"])}`);
    if (envelope["type"] !== "async") return envelope;
    const waited = await this.must("GET", `${textOf(envelope["operation"])}/wait`);
    const operation = waited["metadata"] as JsonObject;
    if (operation["status"] !== "Success")
      throw new Error(`${this.name}: ${method} ${path}: ${textOf(operation["err"])}`);
    return operation;
  }

  async get(path: string): Promise<Json> {
    return (await this.must("GET", path))["metadata"] ?? null;
  }

  takeEvents(): LoggedEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  /** Resolves once such an event has come, at once if it has already. */
  async sawEvent(wanted: (event: LoggedEvent) => boolean): Promise<void> {
    if (this.events.some(wanted)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    using _listening = this.#options.events.listen((event) => {
      if (this.#isOurs(event) && wanted(event)) resolve();
    });
    await promise;
  }

  /** Networks belong to the default project, whoever makes them: their events are told apart by name. */
  #isOurs({ project, metadata }: LoggedEvent): boolean {
    const source = textOf(metadata["source"]);
    const network = /^\/1\.0\/networks\/([^/?]+)/.exec(source)?.[1];
    if (network !== undefined) return network.startsWith(this.lane.net);
    return project === this.lane.project;
  }

  #fill(text: string): string {
    let filled = text;
    for (const [name, value] of Object.entries({ ...this.#options.shared, ...this.own }))
      filled = filled.replaceAll(`{${name}}`, value);
    return filled;
  }

  #bodyText(body: Json): string {
    return this.#fill(typeof body === "string" ? body : JSON.stringify(body));
  }

  #rememberEtag(path: string, { headers }: HttpAnswer): void {
    const etag = headers["etag"];
    if (etag !== undefined && !this.#firstEtags.has(path)) this.#firstEtags.set(path, etag);
  }

  async #condition(path: string, ifMatch: IfMatch | undefined): Promise<Record<string, string>> {
    if (ifMatch === undefined) return {};
    const first = this.#firstEtags.get(path);
    if (ifMatch === "bogus" || (ifMatch === "first" && first === undefined)) return { "if-match": BOGUS_ETAG };
    if (ifMatch === "first") return { "if-match": first ?? BOGUS_ETAG };
    const { headers } = await this.send({ method: "GET", path });
    return { "if-match": headers["etag"] ?? BOGUS_ETAG };
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}
