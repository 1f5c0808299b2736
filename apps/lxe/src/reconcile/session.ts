/**
 * lxe's relation to LXD: notices when LXD comes and goes, and after each gap in the events reads everything anew before it
 * says that all is well. Owns no pods; `reconciler.ts` and `recover.ts` do the reading.
 */

import { UnavailableError } from "@lxe/cri";
import type { EventSubscription, LifecycleEvent, LxdClient } from "@lxe/lxd-client";
import type { NodeState } from "../context.ts";
import type { NodeFacts } from "../node.ts";
import type { Clock, Timer } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";

export interface SessionOptions {
  readonly lxd: LxdClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly readFacts: () => Promise<NodeFacts>;
  /** Reads all of LXD. Called whenever events may have been missed; the first success makes lxe ready. */
  readonly synchronise: (facts: NodeFacts) => Promise<void>;
  readonly onEvent: (event: LifecycleEvent) => void;
}

const RETRY_MS = 1000;

export class Session implements NodeState {
  readonly #options: SessionOptions;
  readonly #ready = Promise.withResolvers<void>();
  #subscription: EventSubscription | undefined;
  #facts: NodeFacts | undefined;
  #problem: string | undefined = "LXD was not reached yet";
  #synchronised = false;
  #running: Promise<void> | undefined;
  #again = false;
  /** How often the connection broke. */
  #losses = 0;
  #retry: Timer | undefined;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** All of LXD was read once: lists can be believed. */
  get synchronised(): boolean {
    return this.#synchronised;
  }

  facts(): NodeFacts {
    if (!this.#facts) throw new UnavailableError(this.#problem ?? "LXD was not reached yet");
    return this.#facts;
  }

  open(): void {
    const { lxd, log, onEvent } = this.#options;
    this.#subscription = lxd.events.subscribe({
      lifecycle: onEvent,
      resync: () => this.#request(),
      connection: (state) => {
        if (state.status !== "disconnected") return;
        this.#losses += 1;
        if (this.#problem === undefined) log.warn({ err: state.reason }, "LXD is gone; pods go on without it");
        this.#problem = `LXD does not answer: ${state.reason.message}`;
      },
    });
  }

  /** Resolves after the first synchronisation. */
  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  /** One at a time; a request during one means another afterwards. */
  #request(): void {
    if (this.#closed) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#retry?.cancel();
    this.#running = this.#synchronise().finally(() => {
      this.#running = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.#request();
    });
  }

  async #synchronise(): Promise<void> {
    const { clock, log, readFacts, synchronise } = this.#options;
    const losses = this.#losses;
    try {
      this.#facts = await readFacts();
      await synchronise(this.#facts);
      this.#allRead(this.#facts, losses);
      this.#synchronised = true;
      this.#ready.resolve();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (this.#problem !== message) log.warn({ err: error }, "LXD cannot be used yet; trying again");
      this.#problem = message;
      if (!this.#closed) this.#retry = clock.setTimeout(() => this.#request(), RETRY_MS);
    }
  }

  /** A connection that broke meanwhile stays the problem: all will be read again when it is back. */
  #allRead({ server }: NodeFacts, losses: number): void {
    if (losses !== this.#losses) return;
    if (this.#problem !== undefined) this.#options.log.info({ server }, "LXD answers; all of it is read");
    this.#problem = undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#subscription?.close();
    this.#retry?.cancel();
    await this.#running;
  }
}
