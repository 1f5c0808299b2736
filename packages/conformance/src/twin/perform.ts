/** Does one step on one side and tells all that was answered, in order, already normalised. */
import type { HttpAnswer } from "./http.ts";
import type { Normaliser } from "./normalise.ts";
import type { Side, SideRequest } from "./side.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import type { EditStep, ExecStep, RequestStep, Step } from "./step.ts";

/** Headers that are LXD's own; the others are the HTTP library's. */
const COMPARED_HEADER = /^(?:content-type|content-disposition|location|x-content-type-options|x-lxd-.*)$/;
/** LXC's own log, and a file that liblxc writes: their text is not the API's. */
const LOG_TEXT = /\/logs\/lxc\.(?:log|conf)$/;
const WAIT_SECONDS = 60;

export class Performer {
  readonly #side: Side;
  readonly #normaliser: Normaliser;
  #seen: Json[] = [];

  constructor(side: Side, normaliser: Normaliser) {
    this.#side = side;
    this.#normaliser = normaliser;
  }

  async perform(step: Step): Promise<Json[]> {
    this.#seen = [];
    if (step.do === "request") await this.#request(step);
    if (step.do === "edit") await this.#edit(step);
    if (step.do === "exec") await this.#exec(step);
    return this.#seen;
  }

  async #request(request: RequestStep): Promise<void> {
    await this.#operate(request);
  }

  async #edit({ path, change, ifMatch }: EditStep): Promise<void> {
    const before = parsed(await this.#send({ method: "GET", path }));
    const body = merge(before?.["metadata"] ?? {}, change);
    await this.#operate({ method: "PUT", path, body, ifMatch });
  }

  async #exec({ instance, body }: ExecStep): Promise<void> {
    const operation = await this.#operate({ method: "POST", path: `/1.0/instances/${instance}/exec`, body });
    const output = isObject(operation?.["metadata"]) ? operation["metadata"]["output"] : undefined;
    if (!isObject(output)) return;
    for (const path of Object.values(output)) {
      if (typeof path !== "string") continue;
      await this.#send({ method: "GET", path });
      await this.#send({ method: "DELETE", path });
    }
  }

  /** Sends, and waits for the operation that it may start. */
  async #operate(request: SideRequest): Promise<JsonObject | undefined> {
    const envelope = parsed(await this.#send(request));
    const operation = envelope?.["operation"];
    if (typeof operation !== "string" || operation === "") return undefined;
    const path = `${operation}/wait?timeout=${WAIT_SECONDS}`;
    const waited = parsed(await this.#send({ method: "GET", path }))?.["metadata"];
    return isObject(waited) ? waited : undefined;
  }

  async #send(request: SideRequest): Promise<HttpAnswer> {
    const answer = await this.#side.send(request);
    this.#seen.push(this.#shown(request, answer));
    return answer;
  }

  #shown({ path }: SideRequest, answer: HttpAnswer): JsonObject {
    const headers: JsonObject = {};
    for (const [name, value] of Object.entries(answer.headers)) {
      if (name === "etag") headers[name] = this.#normaliser.etag(value);
      if (COMPARED_HEADER.test(name)) headers[name] = this.#normaliser.text(value);
    }
    return { status: answer.status, headers, body: this.#body(path, answer) };
  }

  #body(path: string, answer: HttpAnswer): Json {
    if (LOG_TEXT.test(path) && answer.status === 200) return "<log>";
    const json = parsed(answer);
    if (json === undefined) return this.#normaliser.text(answer.body);
    return this.#normaliser.value(answer.status === 202 ? asStarted(json) : json);
  }
}

/** LXD starts an operation before it answers: what ends at once may have ended already. How it ends is asked for next. */
function asStarted(envelope: JsonObject): JsonObject {
  const operation = envelope["metadata"];
  if (!isObject(operation)) return envelope;
  return { ...envelope, metadata: { ...operation, status: "Running", status_code: 103, err: "" } };
}

function parsed(answer: HttpAnswer): JsonObject | undefined {
  if (!(answer.headers["content-type"] ?? "").startsWith("application/json")) return undefined;
  try {
    return JSON.parse(answer.body) as JsonObject;
  } catch {
    return undefined;
  }
}

/** Objects merge, null removes, anything else replaces. */
function merge(base: Json, change: Json): Json {
  if (!isObject(base) || !isObject(change)) return change;
  const result = { ...base };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete result[name];
    else result[name] = merge(result[name] ?? null, value);
  }
  return result;
}
