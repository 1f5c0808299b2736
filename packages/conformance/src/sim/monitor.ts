/**
 * Watches what lxe asks LXD for. The one thing that it must never do is to end a container, or a sandbox, that the kubelet knows to run
 * and has not asked to stop.
 */
import type { MemoryReply } from "@lxe/fake-lxd";
import type { Known } from "./model.ts";
import { Violation } from "./violation.ts";
import type { Trace } from "./trace.ts";
import type { WireObserver } from "./wire.ts";

/** Of a request for an instance. Nothing else begins so, and within a text quotes are escaped: to parse all of it takes much longer. */
const NAME = /^\{"name":"([^"\\]+)"/;
const ID = /"user\.lxe\.id":"([^"\\]+)"/;
const KIND = /"user\.lxe\.kind":"([^"\\]+)"/;
const INSTANCE = /^\/1\.0\/instances\/([^/?]+)(\/state)?(?:\?|$)/;

interface Made {
  readonly id: string;
  readonly kind: string;
}

export interface MonitorOptions {
  readonly trace: Trace;
  /** The sandbox or container of that id, as the kubelet knows it. */
  readonly knownOf: (id: string) => Known | undefined;
  readonly onViolation: (violation: Violation) => void;
}

export class Monitor implements WireObserver {
  readonly #options: MonitorOptions;
  readonly #made = new Map<string, Made>();
  readonly #instances = new Map<string, string>();
  requests = 0;

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  /** Name of the instance that a CRI id stands for. */
  instanceOf(id: string): string | undefined {
    return this.#instances.get(id);
  }

  onRequest(method: string, path: string, body: string | undefined): void {
    this.requests += 1;
    this.#options.trace.add(`lxd <- ${method} ${path}`);
    if (method === "POST" && path === "/1.0/instances" && body !== undefined) this.#onCreate(body);
    if (method !== "DELETE" && method !== "PUT") return;
    const [, name = "", state] = INSTANCE.exec(path) ?? [];
    if (name === "") return;
    const ends = method === "DELETE" || (state !== undefined && isStop(body));
    if (ends) this.#onEnd(decodeURIComponent(name), `${method} ${path}`);
  }

  onReply(method: string, path: string, reply: MemoryReply | string): void {
    const outcome = typeof reply === "string" ? reply : `${reply.status}${wordsOf(reply)}`;
    this.#options.trace.add(`lxd -> ${method} ${path}: ${outcome}`);
  }

  #onCreate(body: string): void {
    const name = NAME.exec(body)?.[1];
    const id = ID.exec(body)?.[1];
    if (name === undefined) throw new Error(`a request for an instance does not begin with its name: ${body}`);
    if (id === undefined) return;
    this.#made.set(name, { id, kind: KIND.exec(body)?.[1] ?? "" });
    this.#instances.set(id, name);
  }

  #onEnd(name: string, what: string): void {
    const made = this.#made.get(name);
    if (made === undefined) return;
    const known = this.#options.knownOf(made.id);
    if (known === undefined || !mustStay(known)) return;
    const about = `${made.kind} ${made.id} of ${known.pod.plan.name}`;
    this.#options.onViolation(new Violation(`lxe sends ${what}: ${about} runs, and nobody asked to end it`));
  }

  forget(id: string): void {
    const name = this.#instances.get(id);
    this.#instances.delete(id);
    if (name !== undefined && this.#made.get(name)?.id === id) this.#made.delete(name);
  }
}

function isStop(body: string | undefined): boolean {
  return body !== undefined && /"action":"(?:stop|restart)"/.test(body);
}

function mustStay(known: Known): boolean {
  if (known.stopAsked || known.removeAsked || known.gone) return false;
  return "started" in known ? known.started : known.settledAt !== undefined;
}

/** What LXD says of a failure, its own or that of an operation. */
function wordsOf(reply: MemoryReply): string {
  if (reply.value !== undefined && !tellsOfFailure(reply.value)) return "";
  const { body } = reply; // of what tells of a failure only: the text has to be made
  const [, words = ""] = typeof body === "string" ? (/"err(?:or)?":"([^"]+)"/.exec(body) ?? []) : [];
  return words && ` ${words}`;
}

/** An operation, or a list of them; what is refused at once comes as text only. */
function tellsOfFailure(value: unknown): boolean {
  const { metadata } = value as { metadata?: { err?: unknown; failure?: unknown } | null };
  return Boolean(metadata?.err || metadata?.failure);
}
