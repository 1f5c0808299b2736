/**
 * Operations: Pending -> Running -> Success | Failure | Cancelled, each step an event. They live in the daemon's memory
 * only: a crash forgets them, and five seconds after the end so does the daemon.
 */
import type { Operation as OperationView } from "@lxe/lxd-client";
import { operationKeptMs } from "../limits.ts";
import { randomUuid } from "../platform/seeded.ts";
import { withTimeout } from "../platform/sleep.ts";
import type { Clock, Random } from "../platform/types.ts";
import { badRequest, notFound } from "./errors.ts";
import type { EventBus } from "./events.ts";
import { statusNames, type StatusCode } from "./status.ts";
import { formatTime } from "./time.ts";

export interface OperationSpec {
  project: string;
  class: "task" | "websocket" | "token";
  description: string;
  resources: Record<string, string[]> | null;
  metadata?: Record<string, unknown> | null;
  /** The work. A token has none and runs until it is cancelled. */
  run?: (operation: Operation) => Promise<void>;
  /** Present: DELETE is allowed, and calls it. */
  cancel?: () => void;
  /** A client's websocket. Checks the secret before it takes the connection. */
  connect?: WebsocketEntry;
}

export interface WebsocketEntry {
  /** Throws when the secret is wrong or used. */
  claim(secret: string): (socket: OperationSocket) => void;
}

/** What an exec or a console needs of a websocket; the fabric makes it. */
export interface OperationSocket {
  /** One message; resolves when more may be sent. */
  send(data: Uint8Array | string): Promise<void>;
  /** Cuts the connection without a close frame, once what was sent has left. */
  cut(): void;
  /** `text` or `close` mean the end of the stream. */
  onMessage(handler: (message: { binary: Uint8Array } | { text: string } | { closed: true }) => void): void;
  /** Stops reading from the peer: backpressure. */
  pause(): void;
  resume(): void;
}

export class Operation {
  readonly id: string;
  readonly spec: OperationSpec;
  readonly ended: Promise<void>;
  readonly createdAtMs: number;
  status: StatusCode = 105;
  metadata: Record<string, unknown> | null;
  error = "";
  updatedAtMs: number;
  readonly #clock: Clock;
  readonly #events: EventBus;
  readonly #end: () => void;
  #createdAt: string | undefined;

  constructor(id: string, spec: OperationSpec, clock: Clock, events: EventBus) {
    this.id = id;
    this.spec = spec;
    this.#clock = clock;
    this.#events = events;
    this.createdAtMs = clock.now();
    this.updatedAtMs = this.createdAtMs;
    this.metadata = spec.metadata ?? null;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#end = resolve;
  }

  get url(): string {
    return `/1.0/operations/${this.id}`;
  }

  get isFinal(): boolean {
    return this.status >= 200;
  }

  render(): OperationView {
    return {
      id: this.id,
      class: this.spec.class,
      description: this.spec.description,
      created_at: (this.#createdAt ??= formatTime(this.createdAtMs)),
      updated_at: this.updatedAtMs === this.createdAtMs ? this.#createdAt : formatTime(this.updatedAtMs),
      status: statusNames[this.status],
      status_code: this.status,
      resources: this.spec.resources,
      metadata: this.metadata,
      may_cancel: this.spec.class === "token" || this.spec.cancel !== undefined,
      err: this.error,
      location: "none",
    };
  }

  /** Adds to the metadata and says so in an event. */
  update(metadata: Record<string, unknown>): void {
    this.metadata = { ...this.metadata, ...metadata };
    this.updatedAtMs = this.#clock.now();
    this.announce();
  }

  announce(): void {
    this.#events.operation(this.spec.project, this.render());
  }

  enter(status: StatusCode): void {
    this.status = status;
    this.announce();
    if (this.isFinal) this.#end();
  }
}

export class Operations {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #events: EventBus;
  readonly #operations = new Map<string, Operation>();

  constructor(clock: Clock, random: Random, events: EventBus) {
    this.#clock = clock;
    this.#random = random;
    this.#events = events;
  }

  /** Starts the work at once; the answer to the client shows the operation Running. */
  create(spec: OperationSpec): Operation {
    const operation = new Operation(randomUuid(this.#random), spec, this.#clock, this.#events);
    this.#operations.set(operation.id, operation);
    operation.announce();
    operation.enter(103);
    if (spec.run) void this.#run(operation, spec.run);
    return operation;
  }

  get(id: string): Operation {
    const operation = this.#operations.get(id);
    if (operation === undefined) throw notFound("Operation not found");
    return operation;
  }

  list(project: string | undefined): Operation[] {
    const all = [...this.#operations.values()];
    return project === undefined ? all : all.filter((operation) => operation.spec.project === project);
  }

  /** After the end, or after `timeoutMs` in whatever state; undefined waits without limit. */
  async wait(operation: Operation, timeoutMs: number | undefined): Promise<void> {
    if (timeoutMs === undefined) await operation.ended;
    else await withTimeout(this.#clock, timeoutMs, operation.ended, undefined);
  }

  cancel(operation: Operation): void {
    const { cancel } = operation.spec;
    if (operation.isFinal || (operation.spec.class !== "token" && cancel === undefined)) {
      throw badRequest("This operation can't be cancelled");
    }
    cancel?.();
    this.#finish(operation, 401);
  }

  async #run(operation: Operation, work: (operation: Operation) => Promise<void>): Promise<void> {
    // The answer leaves before the work begins, as its own goroutine does in LXD.
    await Promise.resolve();
    try {
      await work(operation);
      this.#finish(operation, 200);
    } catch (error) {
      operation.error = error instanceof Error ? error.message : String(error);
      this.#finish(operation, 400);
    }
  }

  #finish(operation: Operation, status: StatusCode): void {
    if (operation.isFinal) return;
    operation.enter(status);
    this.#clock.setTimer(operationKeptMs, () => this.#operations.delete(operation.id));
  }
}
