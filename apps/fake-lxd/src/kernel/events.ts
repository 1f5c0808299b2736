/**
 * The event bus of one daemon life. It owns listeners and faults on events; who sends what is the business of the senders.
 * Delivery is at most once: nothing is kept for a listener that is not there.
 */
import type { LxdEvent } from "@lxe/lxd-client";
import type { Clock } from "../platform/types.ts";
import type { RuleBook } from "../rules/rules.ts";
import { formatTime } from "./time.ts";

export const eventTypes = ["logging", "operation", "lifecycle"] as const;
export type EventType = (typeof eventTypes)[number];

export interface Requestor {
  username: string;
  protocol: string;
  address: string;
}

/** Whoever talks over the unix socket. */
export const rootRequestor: Requestor = { username: "root", protocol: "unix", address: "@" };

interface Listener {
  types: ReadonlySet<EventType>;
  /** Undefined: every project. */
  project: string | undefined;
  receive: (event: LxdEvent) => void;
}

export interface Lifecycle {
  action: string;
  source: string;
  context?: Record<string, unknown> | undefined;
  requestor?: Requestor | undefined;
}

export class EventBus {
  readonly #clock: Clock;
  readonly #rules: RuleBook;
  readonly #listeners = new Set<Listener>();

  constructor(clock: Clock, rules: RuleBook) {
    this.#clock = clock;
    this.#rules = rules;
  }

  listen(listener: Listener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  lifecycle(project: string, event: Lifecycle): void {
    const metadata = {
      action: event.action,
      source: event.source,
      ...(event.context && { context: event.context }),
      ...(event.requestor && { requestor: event.requestor }),
    };
    this.#send(`lifecycle:${event.action}`, {
      type: "lifecycle",
      timestamp: this.#now(),
      metadata,
      location: "none",
      project,
    });
  }

  operation(project: string, metadata: Extract<LxdEvent, { type: "operation" }>["metadata"]): void {
    this.#send(`operation:${metadata.description}`, {
      type: "operation",
      timestamp: this.#now(),
      metadata,
      location: "none",
      project,
    });
  }

  log(level: "debug" | "info" | "warning" | "error", message: string, context: Record<string, string>): void {
    if (!this.#isWanted("logging")) return;
    this.#send(`logging:${message}`, {
      type: "logging",
      timestamp: this.#now(),
      metadata: { message, level, context },
      location: "none",
    });
  }

  /** Faults draw from the same stream of chance whether somebody listens or not. */
  #isWanted(type: EventType): boolean {
    if (!this.#rules.isEmpty) return true;
    for (const { types } of this.#listeners) if (types.has(type)) return true;
    return false;
  }

  #now(): string {
    return formatTime(this.#clock.now());
  }

  #send(subject: string, event: LxdEvent): void {
    let delayMs = 0;
    for (const action of this.#rules.take({ event: subject })) {
      if (action.kind === "drop-event") return;
      if (action.kind === "delay") delayMs += action.ms;
    }
    if (delayMs > 0) this.#clock.setTimer(delayMs, () => this.#deliver(event));
    else this.#deliver(event);
  }

  #deliver(event: LxdEvent): void {
    for (const listener of this.#listeners) {
      if (!listener.types.has(event.type)) continue;
      if (listener.project !== undefined && event.project !== undefined && listener.project !== event.project) continue;
      listener.receive(event);
    }
  }
}
