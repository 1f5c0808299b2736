/**
 * The shapes of all that an LXD answers while the suites run: taken on the way between client and LXD, kept in a file that a
 * run on a real LXD writes (LXE_UPDATE_SHAPES=1 adds to it), and compared with what any LXD answers.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { LoggedEvent } from "../twin/event-log.ts";
import type { ProxiedAnswer } from "../support/recording-proxy.ts";
import { isObject, type Json, textOf } from "../twin/json.ts";
import { ALWAYS_REFUSED, ENDPOINTS, endpointOf, variantOf } from "./endpoints.ts";
import { merged, misfits, type Shape, shapeOf } from "./shape.ts";

/** By `<endpoint> <status> <content type>`, `operation <description>` or `event <type>`; null where there is no JSON. */
type Shapes = Record<string, Shape | null>;

/** Stands where an operation was. */
const TAKEN = "operation";
/** What lists of operations are grouped by. */
const STATES = new Set(["pending", "running", "success", "failure", "cancelled", "cancelling"]);

const FILE = new URL("lxd-5.0.json", import.meta.url);

export class ShapeBook {
  readonly #seen = new Map<string, Shape | null>();

  add({ method, path, status, contentType, body }: ProxiedAnswer): void {
    const endpoint = endpointOf(method, path);
    if (endpoint === undefined) return;
    const [type = ""] = contentType.split(";");
    const isJson = type === "application/json";
    const value = isJson ? this.#withoutOperations(JSON.parse(body.toString()) as Json) : undefined;
    this.#note(
      `${endpoint}${variantOf(path)} ${status} ${type}`.trimEnd(),
      value === undefined ? null : shapeOf(value),
    );
  }

  addEvent({ type, project, metadata }: LoggedEvent): void {
    this.#note(`event ${type}`, shapeOf(this.#withoutOperations({ project, metadata })));
  }

  /** Which operation a list or an event has, and how far it is, is a matter of time: each kind has a shape of its own. */
  #withoutOperations(value: Json): Json {
    if (Array.isArray(value))
      return value.map((item) => this.#withoutOperations(item)).filter((item) => item !== TAKEN);
    if (!isObject(value)) return value;
    if ("may_cancel" in value) {
      this.#note(`operation ${textOf(value["description"])}`, shapeOf(value));
      return TAKEN;
    }
    const members = Object.entries(value).map(([key, member]): [string, Json] => [
      key,
      this.#withoutOperations(member),
    ]);
    const isList = members.length > 0 && Object.keys(value).every((key) => STATES.has(key));
    return isList ? TAKEN : Object.fromEntries(members);
  }

  #note(key: string, shape: Shape | null): void {
    const known = this.#seen.get(key);
    this.#seen.set(key, known && shape ? merged(known, shape) : shape);
  }

  /** What is otherwise than in `known`; what that does not have is told by `strangers`. */
  misfits(known: Shapes): string[] {
    return [...this.#seen].flatMap(([key, shape]) => {
      const wanted = known[key];
      return shape && wanted ? misfits(shape, wanted).map((difference) => `${key}: ${difference}`) : [];
    });
  }

  strangers(known: Shapes): string[] {
    return [...this.#seen.keys()].filter((key) => !(key in known)).toSorted();
  }

  unseen(known: Shapes): string[] {
    return Object.keys(known).filter((key) => !this.#seen.has(key));
  }

  /** Endpoints of the client without any answer that is a success. */
  static uncovered(known: Shapes): string[] {
    const covered = Object.keys(known).map((key) => /^(\S+ [^ ?]+)\S* [12]\d\d/.exec(key)?.[1]);
    return ENDPOINTS.filter((endpoint) => !covered.includes(endpoint) && !ALWAYS_REFUSED.includes(endpoint));
  }

  saveInto(known: Shapes): void {
    const all: Shapes = { ...known };
    for (const [key, shape] of this.#seen) {
      const before = all[key];
      all[key] = before && shape ? merged(before, shape) : shape;
    }
    const sorted = Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    writeFileSync(FILE, `${JSON.stringify(sorted, null, 1)}\n`);
  }
}

export function knownShapes(): Shapes {
  return JSON.parse(readFileSync(FILE, "utf8")) as Shapes;
}
